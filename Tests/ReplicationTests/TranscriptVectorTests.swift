import Cryptography
import Feeds
import Merkle
import Replication
import TestSupport
import Testing

@Suite struct TranscriptVectorTests {
    private static let salt = (try? Vectors.load("merkle-feeds.json"))?.blocks.salt.uint64 ?? 1

    @Test(
        arguments: Vectors.files(prefix: "transcript-"), ["initiator", "responder"])
    func `takes either end of a recorded connection`(file: String, side: String) throws {
        let vectors = try Vectors.load(file)
        let salt = Self.salt
        for (number, run) in vectors.runs.items.enumerated() where !run.frames.isNull {
            let name = "\(file) run \(number) as \(side)"
            let script = try TranscriptScript(run: run, side: side)
            let replay = try TranscriptReplay(
                script, name: name, salt: salt)
            try replay.play()
            #expect(replay.link.violation == nil, "\(name)")
            try check(replay, isConflict: file.contains("conflict"))
        }
    }

    private func check(_ replay: TranscriptReplay, isConflict: Bool) throws {
        let script = replay.script
        for (index, entry) in replay.channels.enumerated() {
            let recorded = script.messages(isOurs: true, channel: entry.channel)
            let ours = replay.sent[entry.channel] ?? []
            checkSyncs(ours, recorded, replay.name)
            checkRequests(ours, recorded, replay)
            checkAnswers(
                ours, recorded,
                script.messages(isOurs: true, channel: entry.channel, withDamaged: false),
                replay.name)
            if !replay.blockless.contains(entry.channel) {
                #expect(
                    recorded.announced.isSubset(of: ours.announced),
                    "\(replay.name): announced \(ours.announced.sorted())")
            }
            #expect(Set(ours.drops) == Set(recorded.drops), "\(replay.name): drops")
            #expect(
                ours.extensions.map { "\($0)" } == recorded.extensions.map { "\($0)" },
                "\(replay.name)")
            if isConflict {
                let traits = try replay.site.store.read { snapshot in
                    try snapshot.feed(for: entry.feed).map { try snapshot.traits(of: $0) }
                }
                #expect(traits?.isFrozen == true, "\(replay.name): not frozen")
            } else {
                try checkEnd(replay, entry.feed, script.coresAtEnd[index])
            }
            checkReceivedExtensions(replay, remote: entry.remote)
        }
        checkControls(replay)
    }

    /// Every state that was told is told, and no other; timing merges or repeats some.
    ///
    /// One deliberate difference: Hypercore goes on to say `canUpgrade` to a peer whose fork it has
    /// just followed to the same length, though there is nothing to upgrade.
    private func checkSyncs(_ ours: [OwnedMessage], _ recorded: [OwnedMessage], _ name: String) {
        let recorded = recorded.syncs.enumerated().map { index, sync in
            var sync = sync
            let isNewFork = index > 0 && recorded.syncs[index - 1].fork < sync.fork
            if isNewFork && sync.remoteLength == sync.length { sync.canUpgrade = false }
            return sync
        }
        var expected = Set(recorded)
        // The manifest and the length that come in one answer are told at once by us.
        for (one, next) in zip(recorded, recorded.dropFirst())
        where one.hasManifest && next.length > one.length && one.length == 0 {
            expected.remove(one)
        }
        let told = Set(ours.syncs)
        #expect(expected.isSubset(of: told), "\(name): \(ours.syncs) not \(recorded)")
        #expect(told.isSubset(of: Set(recorded)), "\(name): \(ours.syncs)")
        #expect(ours.syncs.last == recorded.last, "\(name)")
    }

    /// The same is asked for, in whatever order.
    ///
    /// One deliberate difference: after a seek we ask for a block as well. The sizes of the first
    /// two nodes of a list are bound by their sum alone, and Hypercore believes them.
    private func checkRequests(
        _ ours: [OwnedMessage], _ recorded: [OwnedMessage], _ replay: TranscriptReplay
    ) {
        for request in recorded.requests {
            #expect(
                ours.requests.contains { $0.isSame(as: request) },
                "\(replay.name): not asked: \(request)")
        }
        let hasSought = recorded.requests.contains { $0.proof.seek != nil }
        for request in ours.requests {
            if hasSought && request.proof.block != nil { continue }
            #expect(
                recorded.requests.contains { $0.isSame(as: request) },
                "\(replay.name): asked: \(request)")
        }
    }

    /// Answers are equal byte by byte; where a frame was damaged, ours is the sound one.
    private func checkAnswers(
        _ ours: [OwnedMessage], _ recorded: [OwnedMessage], _ sound: [OwnedMessage],
        _ name: String
    ) {
        var left = ours.answers.map(\.hexadecimal)
        #expect(left.count == recorded.answers.count, "\(name): number of answers")
        for answer in sound.answers.map(\.hexadecimal) {
            guard let index = left.firstIndex(of: answer) else {
                Issue.record("\(name): not answered: \(answer)")
                continue
            }
            left.remove(at: index)
        }
    }

    private func checkControls(_ replay: TranscriptReplay) {
        let recorded = replay.script.steps.flatMap { step -> [String] in
            guard case .sent(let messages, _) = step else { return [] }
            return messages.compactMap { message in
                guard case .control(let bytes) = message.content else { return nil }
                return bytes.hexadecimal
            }
        }
        #expect(
            replay.sentControls.map(\.hexadecimal).sorted() == recorded.sorted(),
            "\(replay.name): opens and closes")
    }

    private func checkEnd(_ replay: TranscriptReplay, _ key: FeedKey, _ core: Vector) throws {
        let head = try replay.site.head(key)
        #expect(head.fork == core.fork.int, "\(replay.name)")
        #expect(head.length == core.length.int, "\(replay.name)")
        // In encrypted transcripts the plain bytes are counted.
        let padding = replay.isEncrypted(key) ? 8 * head.length : 0
        #expect(head.byteLength - padding == core.byteLength.int, "\(replay.name)")
        #expect(head.treeHash.hexadecimal == core.treeHash.text, "\(replay.name)")
        let held = try replay.site.held(key).map { [$0.lowerBound, $0.upperBound] }
        #expect(held == core.have.items.map { [$0[0].int, $0[1].int] }, "\(replay.name)")
    }

    private func checkReceivedExtensions(_ replay: TranscriptReplay, remote: UInt64) {
        let recorded = replay.script.messages(isOurs: false, channel: remote).extensions
        let received = replay.site.events.compactMap { event -> (String, [UInt8])? in
            guard case .extensionMessage(let name, let body, _) = event else { return nil }
            return (name, body)
        }
        guard !recorded.isEmpty else { return }
        var last = ""
        let expected = recorded.map { item -> String in
            if !item.0.isEmpty { last = item.0 }
            return "\((last, item.1))"
        }
        #expect(received.map { "\($0)" } == expected, "\(replay.name)")
    }
}
