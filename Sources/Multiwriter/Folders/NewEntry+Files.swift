import Archives

extension NewEntry {
    /// Takes over what the system says of a file.
    mutating func take(_ status: FileStatus) {
        // The mode of a link means nothing, and differs between systems.
        mode = status.kind == .symlink ? nil : status.mode
        uid = status.uid
        gid = status.gid
        mtime = status.mtime
    }

    /// True if the drive shows the same at this path already.
    func isSame(as known: ViewEntry?, byteCount: UInt64) -> Bool {
        guard let shown = known?.shown, shown.type == type,
            shown.metadata.mode == mode, shown.metadata.mtime == mtime
        else { return false }
        switch type {
        case .file: return shown.blob?.isBlockMap == false && shown.byteLength == byteCount
        case .symlink, .hardlink: return shown.linkname == linkname
        case .directory, .deletion: return true
        }
    }
}

extension Version {
    /// True if another name has the same path, as one with a backslash and one with U+FF3C have.
    func isOther(than name: String) -> Bool {
        guard type != .deletion, !self.name.utf8.elementsEqual(name.utf8),
            let mine = try? DrivePath.pieces(of: self.name),
            let theirs = try? DrivePath.pieces(of: name)
        else { return false }
        return !mine.elementsEqual(theirs) { $0.elementsEqual($1) }
    }
}

extension Drive {
    /// What is shown at paths that ascend, in one snapshot on the calling thread.
    func entriesNow(at paths: [DrivePath]) throws -> [ViewEntry?] {
        guard let first = paths.first, let last = paths.last else { return [] }
        return try readNow { snapshot in
            var walk = MergedWalk(
                try sources(links(in: snapshot), in: snapshot),
                in: MergedWalk.PathRange(lower: first.bytes, upper: last.bytes + [0]),
                of: snapshot)
            return paths.map { path in
                walk.seek(to: path.bytes, in: snapshot)
                return walk.takeEntry(at: path, in: snapshot)
            }
        }
    }
}

extension OpenFile {
    /// The next piece of a file of which so many bytes are expected; empty at its end.
    func readPiece(expecting byteCount: UInt64) throws(FileSystemError) -> [UInt8] {
        // Many small files wait in one batch: none may hold more than it needs.
        let size = byteCount == 0 ? 4096 : min(byteCount, UInt64(DriveLimits.blockByteCount))
        var failure: FileSystemError?
        let piece = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            do throws(FileSystemError) {
                count = try read(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return piece
    }
}
