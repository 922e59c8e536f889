extension FolderImporter {
    /// Counts what there is, so that progress can tell how much is left; what cannot be read is
    /// left out, for the import will name it.
    static func count(
        _ paths: [String], except own: FileStatus.Identity?
    ) -> (entryCount: Int, byteCount: UInt64) {
        var entryCount = 0
        var byteCount: UInt64 = 0
        var folders: [String] = []
        func add(_ status: FileStatus, _ path: String) {
            switch status.kind {
            case .directory:
                guard status.identity != own else { return }
                folders.append(path)
                entryCount += 1
            case .file:
                entryCount += 1
                byteCount += UInt64(max(0, status.byteCount))
            case .symlink: entryCount += 1
            case .other: break
            }
        }
        for path in paths {
            let isContents = path.utf8.last == UInt8(ascii: "/")
            if let status = try? FileStatus.of(path, followsLinks: isContents) {
                add(status, path)
            }
        }
        while let folder = folders.popLast() {
            guard let scan = try? FolderScan(folder) else { continue }
            for child in scan.children where child.isText {
                add(child.status, join(folder, child.text))
            }
        }
        return (entryCount, byteCount)
    }
}
