#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The folder of this run's stores, in memory where the system has such a place.
enum ScratchFolder {
    static let path: String = {
        let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        let path = "\(base)/mdrive-fuzz-\(getpid())"
        mkdir(path, 0o700)
        atexit { ScratchFolder.remove(ScratchFolder.path) }
        return path
    }()

    /// Makes a folder in the scratch folder, empty.
    static func make(_ name: String) -> String {
        let folder = path + "/" + name
        remove(folder)
        mkdir(folder, 0o700)
        return folder
    }

    /// Copies the files of a folder, one level deep.
    static func copy(_ source: String, to target: String) {
        mkdir(target, 0o700)
        for name in names(in: source) {
            let bytes = read(source + "/" + name)
            guard let file = fopen(target + "/" + name, "wb") else { continue }
            fwrite(bytes, 1, bytes.count, file)
            fclose(file)
            chmod(target + "/" + name, 0o600)
        }
    }

    static func remove(_ path: String) {
        for name in names(in: path) {
            let item = path + "/" + name
            if unlink(item) != 0 { remove(item) }
        }
        rmdir(path)
    }

    private static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}

/// Ends a transaction without keeping anything.
struct Abandoned: Error {}
