import Cryptography
import Feeds
import Merkle
import Testing

@Suite struct ForkTests {
    @Test(
        arguments: [
            (10, 10, 5, 3), (8, 8, 4, 6), (31, 31, 30, 1), (16, 16, 0, 4), (9, 9, 9, 0),
            (9, 9, 3, 0),
            (600, 600, 300, 500), (600, 20, 10, 700), (600, 20, 599, 1), (5, 5, 5, 3000),
        ] as [(UInt64, UInt64, UInt64, UInt64)])
    func `a reader follows a fork and keeps what is common`(
        length: UInt64, known: UInt64, kept: UInt64, added: UInt64
    ) throws {
        try withWriterAndReader(known) { writer, reader in
            _ = try reader.upgrade(from: writer)
            for index in stride(from: 0, to: known, by: 3) {
                try reader.download(index, from: writer)
            }
            let former = try reader.head
            try writer.append(known..<max(known, length))
            try writer.store.write { transaction in
                try transaction.truncate(writer.feed, to: kept, signingWith: writer.keyPair)
                try transaction.append(
                    blocks(kept + 2..<kept + 2 + added), to: writer.feed,
                    signingWith: writer.keyPair)
            }
            let followed = try #require(try reader.follow(writer))
            #expect(followed.formerLength == former.length)
            #expect(followed.head == (try writer.head.treeHead))
            #expect(followed.ancestors <= max(kept, known))
            #expect(try reader.store.verify(reader.feed) == [])
            let held = try reader.store.read {
                try $0.heldBlockCount(in: 0..<10_000, of: reader.feed)
            }
            let end = min(known, followed.ancestors)
            #expect(held == (end + 2) / 3)
            for index in 0..<min(40, kept + added) {
                try reader.download(index, from: writer)
                let blocks = try [reader, writer].map { side in
                    try side.store.read { try $0.block(at: index, of: side.feed) }
                }
                #expect(blocks[0] == blocks[1])
            }
            #expect(try reader.store.verify(reader.feed) == [])
        }
    }

    @Test func `a head that moved meanwhile makes the following begin again`() throws {
        try withWriterAndReader(10) { writer, reader in
            _ = try reader.upgrade(from: writer)
            let other = try writer.proof(for: ProofRequest(upgrade: .init(start: 0, length: 10)))
            try writer.append(10..<12)
            let longer = try #require(
                try writer.proof(for: ProofRequest(upgrade: .init(start: 10, length: 2))))
            try writer.store.write {
                try $0.truncate(writer.feed, to: 12, signingWith: writer.keyPair)
            }
            let reorganisation = try #require(try reader.begin(writer))
            #expect(reorganisation.isFinished == false || reorganisation.ancestors <= 12)
            #expect(try reader.apply(longer).applied?.head?.length == 12)
            #expect(try reader.apply(try #require(other)).applied?.head == nil)
            guard reorganisation.isFinished else { return }
            let followed = try reader.store.write {
                try $0.follow(reorganisation, of: reader.feed)
            }
            #expect(followed == nil)
            #expect(try reader.follow(writer)?.ancestors == 12)
        }
    }

    @Test func `a lower fork is not followed`() throws {
        try withWriterAndReader(10) { writer, reader in
            let old = try #require(
                try writer.proof(
                    for: ProofRequest(upgrade: .init(start: 0, length: 10), manifest: true)))
            try writer.store.write {
                try $0.truncate(writer.feed, to: 4, signingWith: writer.keyPair)
            }
            _ = try reader.follow(writer)
            let start = try reader.store.read {
                try $0.beginReorganisation(of: reader.feed, with: old)
            }
            guard case .rejected(.wrongFork) = start else {
                Issue.record("\(start)")
                return
            }
            #expect(try reader.apply(old) == .rejected(.wrongFork))
        }
    }
}

extension Side {
    /// Begins to follow the other side's fork.
    func begin(_ writer: Side) throws -> Reorganisation? {
        let head = try writer.head
        let request = ProofRequest(
            fork: head.fork, upgrade: .init(start: 0, length: head.length), manifest: true)
        guard let proof = try writer.proof(for: request),
            case .started(let reorganisation) = try store.read({
                try $0.beginReorganisation(of: feed, with: proof)
            })
        else { return nil }
        return reorganisation
    }

    /// Follows the other side's fork to its end.
    func follow(_ writer: Side) throws -> FollowedFork? {
        guard var reorganisation = try begin(writer) else { return nil }
        while let wanted = reorganisation.wanted {
            let request = try #require(reorganisation.request(forBlock: wanted.start))
            let proof = try #require(try writer.proof(for: request))
            let error = try store.read {
                try $0.advance(&reorganisation, of: feed, with: proof)
            }
            try #require(error == nil)
        }
        return try store.write { try $0.follow(reorganisation, of: feed) }
    }
}
