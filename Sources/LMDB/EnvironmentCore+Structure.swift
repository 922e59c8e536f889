import CLMDB

extension EnvironmentCore {
    /// Walks the last commit's pages; returns what is broken, in sentences.
    func findDamage(maximumCount: Int) throws(LMDBError) -> [String] {
        let (transaction, isWriting) = try beginReading()
        defer { endReading(transaction) }
        precondition(!isWriting, "The structure cannot be checked inside a write.")
        let id = UInt64(mdb_txn_id(transaction))
        guard let file = PageFile(path: files.data) else {
            throw LMDBError(code: .inputOutput, message: "\(files.data) cannot be read.")
        }
        let metas = file.metas()
        guard !metas.contains(where: { $0 == nil }) else {
            return ["One of the two first pages is damaged."]
        }
        // The pages of the snapshot stay until it ends, but after two more commits nothing
        // names its root any more. Those who write that fast are asked again another time.
        guard let meta = metas.compactMap({ $0 }).first(where: { $0.transactionID == id }) else {
            return []
        }
        var check = StructureCheck(file: file, meta: meta, maximumCount: maximumCount)
        check.run()
        return check.findings
    }

    /// Throws if pages that are in use are missing at the end of the file.
    ///
    /// To read one of them through the map would end the process. A file may rightly be shorter
    /// than the number of its pages says, if the last of them are free.
    func checkLength() throws(LMDBError) {
        let used = try withOpenMap { information().usedByteCount }
        guard try files.dataByteCount() < used else { return }
        guard let finding = try findDamage(maximumCount: 1).first else { return }
        throw LMDBError(
            code: .corrupted,
            message: "The database at \(files.folder) is damaged, a part of it is missing: "
                + "\(finding) (\(LMDBError.Code.corrupted.name))")
    }
}
