import Cryptography
import Feeds
import Merkle
import Testing

@Suite struct EncryptionTests {
    private let secret = [UInt8](repeating: 42, count: 32)

    @Test(arguments: [FeedKind.version1, .compat])
    func `what is appended encrypted is read back by who has the key`(kind: FeedKind) throws {
        try withWriterAndReader(0, kind: kind) { writer, reader in
            let feed = try writer.store.read { snapshot in
                try secret.withUnsafeBytes {
                    try snapshot.encrypted(writer.feed, withEncryptionKey: $0)
                }
            }
            try writer.store.write {
                try $0.append(blocks(0..<30), to: feed, signingWith: writer.keyPair)
            }
            #expect(throws: FeedStoreError(.incomplete, "")) {
                try reader.store.read { snapshot in
                    _ = try secret.withUnsafeBytes {
                        try snapshot.encrypted(reader.feed, withEncryptionKey: $0)
                    }
                }
            }
            _ = try reader.upgrade(from: writer)
            for index in 0..<30 as Range<UInt64> { try reader.download(index, from: writer) }
            let copy = try reader.store.read { snapshot in
                try secret.withUnsafeBytes {
                    try snapshot.encrypted(reader.feed, withEncryptionKey: $0)
                }
            }
            let plainLength = blocks(0..<30).reduce(0) { $0 + UInt64($1.count) }
            try reader.store.read { snapshot in
                for index in 0..<30 as Range<UInt64> {
                    #expect(try snapshot.block(at: index, of: copy) == block(index))
                    let stored = try snapshot.block(at: index, of: reader.feed)
                    #expect(stored?.count == block(index).count + 8)
                    let lent = try snapshot.withBlock(at: index, of: copy) {
                        $0.map { [UInt8]($0) }
                    }
                    #expect(lent == block(index))
                }
                #expect(try snapshot.byteLength(of: copy) == plainLength)
                #expect(try snapshot.byteLength(of: reader.feed) == plainLength + 240)
                var offset: UInt64 = 0
                for index in 0..<30 as Range<UInt64> {
                    #expect(try snapshot.byteOffset(ofBlock: index, of: copy) == offset)
                    if !block(index).isEmpty {
                        #expect(
                            try snapshot.position(ofByte: offset + 1, of: copy)
                                == .found(block: index, offset: 1))
                    }
                    offset += UInt64(block(index).count)
                }
                try snapshot.forEachBlock(in: 0..<30, of: copy) { index, bytes in
                    #expect([UInt8](bytes) == block(index))
                    return .next
                }
            }
            #expect(try reader.store.verify(reader.feed) == [])
        }
    }

    @Test func `a block that is too short for an encrypted one is an error`() throws {
        try withFeed { store, feed, keyPair in
            try store.write { try $0.append([1, 2], to: feed, signingWith: keyPair) }
            let encrypted = feed.encrypted(
                with: secret.withUnsafeBytes { BlockCipher(blockKey: $0) })
            #expect(encrypted == feed)
            #expect(throws: FeedStoreError(.damaged, "")) {
                try store.read { try $0.block(at: 0, of: encrypted) }
            }
        }
    }
}
