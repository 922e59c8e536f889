import TestSupport
import Testing

@testable import SecretStream

@Suite struct FrameMutationTests {
    /// What the initiator says in a whole session, and the messages in it.
    private static let words: [[UInt8]] = [[1], [UInt8](repeating: 2, count: 300), [3, 4]]

    @Test(arguments: 1...40)
    func `of changed bytes only a beginning of what was sent arrives`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed)
        for isHandshake in [false, true] {
            var world = try World.started()
            if isHandshake { world.fromInitiator = mutator.changed(world.fromInitiator) }
            guard (try? world.carry()) != nil, world.initiator.isOpen else { continue }
            var bytes: [UInt8] = []
            for word in Self.words { bytes += try world.initiator.frame(of: word) }
            var received: [[UInt8]] = []
            let changed = mutator.changed(bytes)
            var start = 0
            while start < changed.count {
                let end = min(changed.count, start + Int.random(in: 1...99, using: &mutator))
                var batch = MessageBatch()
                var answer: [UInt8] = []
                let result = Array(changed[start..<end]).withUnsafeBytes { chunk in
                    do throws(SecretStreamError) {
                        try world.responder.receive(chunk, into: &batch, answer: &answer)
                        return true
                    } catch {
                        return false
                    }
                }
                for place in 0..<batch.count { received.append(batch[place]) }
                guard result else { break }
                start = end
            }
            #expect(received.count <= Self.words.count, "seed \(seed)")
            #expect(received.elementsEqual(Self.words.prefix(received.count)), "seed \(seed)")
        }
    }
}
