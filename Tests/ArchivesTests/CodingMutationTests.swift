import CompactEncoding
import TestSupport
import Testing

@testable import Archives

@Suite struct CodingMutationTests {
    private static let levels = [
        IndexLevel(
            keys: [1, 300], children: [0, 1, 2].map { NodeReference(seq: 3, offset: $0) }),
        IndexLevel(keys: [2]),
    ]

    @Test(arguments: 1...4)
    func `changed index blocks are refused or read back as they are`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed)
        var index = ProtobufWriter()
        index.write(levels: Self.levels)
        let bytes = IndexBlock.encode(
            key: Array("files\0/a".utf8), value: [1, 2], index: index.bytes)
        for _ in 0..<5000 {
            try mutator.changed(bytes).withUnsafeBytes { changed in
                guard let block = try? IndexBlock(decoding: changed),
                    let levels = try? block.levels()
                else { return }
                let entry = IndexEntry(seq: 4, block)
                var index = ProtobufWriter()
                index.write(levels: levels)
                let again = IndexBlock.encode(
                    key: entry.key, value: entry.value, index: index.bytes)
                try again.withUnsafeBytes { bytes in
                    let block = try IndexBlock(decoding: bytes)
                    #expect(IndexEntry(seq: 4, block) == entry, "seed \(seed)")
                    #expect(try block.levels() == levels, "seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: 1...4)
    func `changed headers and hints are refused or read back as they are`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed)
        let header = IndexHeader(metadata: .init(contentFeed: [1, 2], userData: [3])).encoded
        var iterator = IndexHint.Iterator()
        iterator.gte = [1]
        iterator.lt = [2, 3]
        iterator.checkpoint = [1, 2, 300]
        let hint = IndexHint(
            cache: .init(start: 1, end: 400, blocks: [1, 399]),
            get: .init(version: 7, key: [1]), iterator: iterator
        ).encoded
        for _ in 0..<5000 {
            try mutator.changed(header).withUnsafeBytes { changed in
                guard let value = try? IndexHeader(decoding: changed) else { return }
                let again = try value.encoded.withUnsafeBytes { try IndexHeader(decoding: $0) }
                #expect(again == value, "seed \(seed)")
            }
            try mutator.changed(hint).withUnsafeBytes { changed in
                guard let value = try? IndexHint(decoding: changed) else { return }
                let again = try value.encoded.withUnsafeBytes { try IndexHint(decoding: $0) }
                #expect(again == value, "seed \(seed)")
            }
        }
    }

    @Test(arguments: 1...4)
    func `changed block maps are refused or read back as they are`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed)
        var map = BlockMap()
        map.entries = (0..<20).map { BlockMap.Entry(index: $0 * 99, byteLength: $0) }
        for _ in 0..<5000 {
            try mutator.changed(map.blocks[0]).withUnsafeBytes { changed in
                var value = BlockMap()
                guard (try? value.append(decoding: changed)) != nil else { return }
                var again = BlockMap()
                for block in value.blocks {
                    try block.withUnsafeBytes { try again.append(decoding: $0) }
                }
                #expect(again.entries == value.entries, "seed \(seed)")
            }
        }
    }

    @Test(arguments: 1...4)
    func `changed paths stay below the root`(seed: UInt64) {
        var mutator = Mutator(seed: seed)
        for text in ["/a/../b//c", "a\\b/./c", "file:///x/y", "C:\\x\\..", "/\u{fc}/\u{1f600}"] {
            for _ in 0..<500 {
                let changed = mutator.changed(Array(text.utf8))
                let stored = changed.withUnsafeBytes { ArchivePath(normalizedBytes: $0) }
                if let stored { #expect(Array(stored.string.utf8) == changed, "seed \(seed)") }
                let text = String(decoding: changed, as: UTF8.self)
                guard let path = try? ArchivePath(text) else { continue }
                #expect(path.isInside(.root), "seed \(seed)")
                let names = path.string.split(separator: "/")
                #expect(!names.contains("..") && !names.contains("."), "seed \(seed)")
            }
        }
    }
}
