import Foundation
import Testing

/// The table of architecture.md: what each module may import of this package.
private let table: [String: Set<String>] = [
    "Cryptography": ["CSodium"],
    "CompactEncoding": [],
    "LMDB": ["CLMDB"],
    "Deflate": ["CZlib"],
    "Merkle": ["Cryptography", "CompactEncoding"],
    "SecretStream": ["Cryptography", "CompactEncoding"],
    "Multiplexing": ["CompactEncoding", "Cryptography"],
    "Feeds": ["Merkle", "LMDB", "Cryptography", "CompactEncoding"],
    "Archives": ["Feeds", "Merkle", "Cryptography", "CompactEncoding"],
    "Replication": [
        "Feeds", "Merkle", "Multiplexing", "Deflate", "Cryptography", "CompactEncoding",
    ],
    "Multiwriter": [
        "Archives", "Replication", "Feeds", "Merkle", "Multiplexing", "SecretStream", "LMDB",
        "Cryptography", "CompactEncoding",
    ],
    "DriveNetworking": ["Multiwriter", "SecretStream", "Cryptography", "CompactEncoding"],
    "mdrive": [
        "DriveNetworking", "Multiwriter", "Archives", "Replication", "Feeds", "Merkle",
        "Multiplexing", "SecretStream", "Cryptography", "CompactEncoding",
    ],
]

/// Libraries from outside, and the modules that may know them.
private let outside: [String: Set<String>] = [
    "NIOCore": ["DriveNetworking"], "NIOPosix": ["DriveNetworking"],
    "ArgumentParser": ["mdrive"],
    "Logging": ["DriveNetworking", "mdrive"],
    "Foundation": ["mdrive"],
    "Dispatch": ["LMDB", "Feeds", "Multiwriter", "DriveNetworking", "mdrive"],
    "Synchronization": [
        "Cryptography", "LMDB", "Feeds", "Multiwriter", "DriveNetworking", "mdrive",
    ],
]

/// The C library of the system, for calls that Swift has no other way to make.
private let system: Set<String> = ["Glibc", "Musl", "Darwin"]

@Suite struct ArrowTests {
    struct Import: CustomStringConvertible {
        let file: Tree.File
        let module: String
        var description: String { "\(file.path) imports \(module)" }
    }

    static let imports: [Import] = Tree.files(in: ["Sources"]).flatMap { file in
        file.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position <= 2,
                words[..<position].allSatisfy({ ["public", "package", "internal"].contains($0) }),
                let module = words.last?.split(separator: ".").first
            else { return nil }
            return Import(file: file, module: String(module))
        }
    }

    @Test func `a module imports only what stands below it`() {
        for entry in Self.imports where !system.contains(entry.module) {
            if let owners = outside[entry.module] {
                #expect(owners.contains(entry.file.target), "\(entry)")
            } else {
                let allowed = table[entry.file.target]
                #expect(allowed?.contains(entry.module) == true, "\(entry)")
            }
        }
    }

    @Test func `every module of the table exists and has tests`() {
        let targets = Set(Tree.files(in: ["Sources"]).map(\.target))
        let tests = Set(Tree.files(in: ["Tests"]).map(\.target))
        for module in table.keys {
            #expect(targets.contains(module), "\(module) has no sources")
            #expect(tests.contains(module + "Tests"), "\(module) has no tests")
        }
    }

    @Test func `the manifest draws no other arrow`() throws {
        let manifest = try #require(Tree.file("Package.swift"))
        for (module, allowed) in table {
            guard let line = manifest.text.range(of: "(\"\(module)\", [") else { continue }
            let list = manifest.text[line.upperBound...].prefix { $0 != "]" }
            for name in list.split(separator: ",") {
                let name = name.filter { $0.isLetter }
                #expect(allowed.contains(name), "\(module) depends on \(name)")
            }
        }
    }
}
