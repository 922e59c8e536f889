import Cryptography
import Feeds
import Merkle
import Testing

@Suite struct ConflictTests {
    /// Two stores that think they are the writer, and a reader of the first.
    private func withTwoHistories(_ body: (Side, Side, Side) throws -> Void) throws {
        try withWriterAndReader(20) { writer, reader in
            try withStore { store in
                let feed = try store.write { transaction in
                    let feed = try transaction.makeFeed(signedBy: writer.keyPair.publicKey)
                    try transaction.append(
                        blocks(0..<10) + blocks(100..<120), to: feed,
                        signingWith: writer.keyPair)
                    return feed
                }
                _ = try reader.upgrade(from: writer)
                try body(writer, Side(store: store, feed: feed, keyPair: writer.keyPair), reader)
            }
        }
    }

    @Test func `two signed histories are told from one`() throws {
        try withTwoHistories { writer, liar, reader in
            let request = ProofRequest(upgrade: .init(start: 0, length: 20), manifest: true)
            let honest = try #require(try writer.proof(for: request))
            let other = try #require(try liar.proof(for: request))
            let verdicts = try reader.store.read { snapshot in
                try [honest, other].map { try snapshot.checkConflict($0, of: reader.feed) }
            }
            #expect(verdicts[0] == .sameTree)
            guard case .conflict(let conflict) = verdicts[1] else {
                Issue.record("\(verdicts[1])")
                return
            }
            #expect(conflict.own.length == 20 && conflict.other.length == 30)
            let verifier = try #require(try reader.store.read { try $0.verifier(of: reader.feed) })
            let roots = try liar.store.read { try $0.roots(of: liar.feed) }
            #expect(verifier.isValid(conflict.other.signature, for: roots, fork: 0))
            try reader.store.write { try $0.freeze(reader.feed, because: conflict) }
            let traits = try reader.store.read { try $0.traits(of: reader.feed) }
            #expect(traits.conflict == conflict)
            try writer.append(20..<25)
            #expect(try reader.upgrade(from: writer) == .frozen)
            #expect(try reader.download(3, from: writer)?.applied?.block == 3)
            #expect(try reader.store.verify(reader.feed) == [])
        }
    }

    @Test func `a frozen feed takes nothing more from its writer`() throws {
        try withTwoHistories { writer, liar, _ in
            let other = try #require(
                try liar.proof(for: ProofRequest(upgrade: .init(start: 0, length: 20))))
            let verdict = try writer.store.read { try $0.checkConflict(other, of: writer.feed) }
            guard case .conflict(let conflict) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            try writer.store.write { try $0.freeze(writer.feed, because: conflict) }
            #expect(throws: FeedStoreError(.frozen, "")) { try writer.append(20..<21) }
            #expect(throws: FeedStoreError(.frozen, "")) {
                try writer.store.write {
                    try $0.truncate(writer.feed, to: 0, signingWith: writer.keyPair)
                }
            }
        }
    }

    @Test func `a forged conflict is rejected`() throws {
        try withTwoHistories { _, liar, reader in
            var other = try #require(
                try liar.proof(for: ProofRequest(upgrade: .init(start: 0, length: 20))))
            other.upgrade?.signature[20] ^= 1
            let verdict = try reader.store.read { try $0.checkConflict(other, of: reader.feed) }
            #expect(verdict == .rejected(.invalidSignature))
        }
    }
}
