import Archives
import Cryptography

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Makes inputs to begin with out of the golden vectors.
struct CorpusWriter {
    let vectors: String
    let folder: String

    /// Something that could not be read or written.
    struct Failure: Error {
        let path: String
    }

    func write(_ targets: [FuzzTarget]) throws {
        let files = try readVectors()
        mkdir(folder, 0o755)
        for target in targets {
            let path = folder + "/" + target.name
            mkdir(path, 0o755)
            var inputs: Set<[UInt8]> = []
            for seed in target.seeds {
                for input in try self.inputs(of: seed, in: files) where input.count <= 1 << 16 {
                    inputs.insert(input)
                }
            }
            for input in inputs {
                let name = Digest.hash(of: input).hexadecimal.prefix(16)
                try write(input, to: "\(path)/\(name)")
            }
        }
    }

    private func inputs(
        of seed: Seed, in files: [(name: String, value: JSONValue)]
    ) throws -> [[UInt8]] {
        var inputs: [[UInt8]] = []
        switch seed {
        case .made(let make):
            return try make()
        case .bytes(let file, let member, let prefix):
            for (name, value) in files where name.hasPrefix(file) {
                value.forEach(member) { text in
                    if let bytes = text.decodedHexadecimal { inputs.append(prefix + bytes) }
                }
            }
        case .text(let file, let member):
            for (name, value) in files where name.hasPrefix(file) {
                value.forEach(member) { inputs.append(Array($0.utf8)) }
            }
        case .json(let file, let member):
            for (name, value) in files where name.hasPrefix(file) {
                value.forEachValue(member) { inputs.append($0.serialized) }
            }
        case .chunks(let file, let list, let member, let prefix):
            for (name, value) in files where name.hasPrefix(file) {
                value.forEachList(list) { items in
                    var input = prefix
                    for item in items {
                        item.forEach(member) { text in
                            if let bytes = text.decodedHexadecimal { input.append(piece: bytes) }
                        }
                    }
                    inputs.append(input)
                }
            }
        }
        return inputs
    }

    private func readVectors() throws -> [(name: String, value: JSONValue)] {
        guard let directory = opendir(vectors) else { throw Failure(path: vectors) }
        defer { closedir(directory) }
        var files: [(name: String, value: JSONValue)] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasSuffix(".json") else { continue }
            let bytes = try read("\(vectors)/\(name)")
            files.append((name, try JSONValue(parsing: bytes, maximumByteCount: .max)))
        }
        return files
    }

    private func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Failure(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw Failure(path: path) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure(path: path) }
    }
}

extension JSONValue {
    /// Calls a function with every text that stands under a name, however deep.
    fileprivate func forEach(_ member: String, _ body: (String) -> Void) {
        switch self {
        case .object(let object):
            for item in object.members {
                if item.name == member, let text = item.value.string {
                    body(text)
                } else if item.name == member, let list = item.value.array {
                    for text in list.compactMap(\.string) { body(text) }
                } else {
                    item.value.forEach(member, body)
                }
            }
        case .array(let items): for item in items { item.forEach(member, body) }
        default: break
        }
    }

    /// Calls a function with every value that stands under a name.
    fileprivate func forEachValue(_ member: String, _ body: (JSONValue) -> Void) {
        switch self {
        case .object(let object):
            for item in object.members {
                if item.name == member { body(item.value) }
                item.value.forEachValue(member, body)
            }
        case .array(let items): for item in items { item.forEachValue(member, body) }
        default: break
        }
    }

    /// Calls a function with every list that stands under a name.
    fileprivate func forEachList(_ name: String, _ body: ([JSONValue]) -> Void) {
        switch self {
        case .object(let object):
            for item in object.members {
                if item.name == name, let list = item.value.array {
                    body(list)
                } else {
                    item.value.forEachList(name, body)
                }
            }
        case .array(let items): for item in items { item.forEachList(name, body) }
        default: break
        }
    }
}

extension String {
    /// The bytes that hexadecimal digits stand for, `nil` if this is something else.
    fileprivate var decodedHexadecimal: [UInt8]? {
        let digits = Array(utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard
                let byte = UInt8(
                    String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
