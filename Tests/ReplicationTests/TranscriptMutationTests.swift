import Cryptography
import Feeds
import Merkle
import Replication
import TestSupport
import Testing

/// Recorded connections on a way that flips, cuts, repeats, swaps and loses frames.
@Suite struct TranscriptMutationTests {
    private static let salt = (try? Vectors.load("merkle-feeds.json"))?.blocks.salt.uint64 ?? 1
    private static let files = Vectors.files(prefix: "transcript-").filter {
        !$0.contains("conflict") && !$0.contains("encrypted")
    }
    private static let transcripts = files.compactMap { try? Vectors.load($0) }

    @Test(arguments: seeds(150))
    func `nothing traps and nothing untrue is stored`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        guard let vectors = Self.transcripts.randomElement(using: &generator),
            let run = vectors.runs.items.randomElement(using: &generator),
            let side = ["initiator", "responder"].randomElement(using: &generator)
        else { return }
        let script = try TranscriptScript(run: run, side: side)
        let replay = try TranscriptReplay(script, name: "seed \(seed)", salt: Self.salt)
        var count = Int.random(in: 0..<6, using: &generator)
        var kept: [UInt8]?
        replay.damage = { frame in
            count -= 1
            guard count < 0 else { return [frame] }
            count = Int.random(in: 0..<9, using: &generator)
            return Self.damaged(frame, kept: &kept, using: &generator)
        }
        try? replay.play()
        for (index, entry) in replay.channels.enumerated() where index < script.coresAtEnd.count {
            try expectTruth(replay, entry.feed, script.run.uploaderCores[index], seed)
        }
    }

    private static func damaged(
        _ frame: [UInt8], kept: inout [UInt8]?, using generator: inout SeededGenerator
    ) -> [[UInt8]] {
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: return []
        case 1: return [frame, frame]
        case 2:
            return [Array(frame.prefix(Int.random(in: 0...frame.count, using: &generator)))]
        case 3:
            defer { kept = frame }
            return kept.map { [$0] } ?? []
        default:
            var frame = frame
            guard let place = frame.indices.randomElement(using: &generator) else { return [] }
            frame[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            return [frame]
        }
    }

    /// What is held at the recorded length is what the writer signed.
    private func expectTruth(
        _ replay: TranscriptReplay, _ key: FeedKey, _ core: Vector, _ seed: UInt64
    ) throws {
        let head = try replay.site.head(key)
        if head.length == core.length.int && head.fork == core.fork.int {
            #expect(head.treeHash.hexadecimal == core.treeHash.text, "seed \(seed)")
        }
        guard let feed = replay.site.sessions[key]?.feed else { return }
        for range in try replay.site.held(key) {
            for index in range {
                let (block, leaf) = try replay.site.store.read {
                    (
                        try $0.block(at: index, of: feed),
                        try $0.node(at: .init(block: index), of: feed)
                    )
                }
                let bytes = try #require(block)
                #expect(leaf == Node(leafOf: index, bytes: bytes), "seed \(seed): block \(index)")
            }
        }
    }
}
