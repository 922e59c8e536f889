import Cryptography
import SecretStream
import Testing

@Suite struct MessageBatchTests {
    @Test func `collects messages of several chunks and forgets them`() throws {
        var world = try World.started()
        _ = try world.carry()
        var decryptor = world.responder.takeDecryptor()
        var batch = MessageBatch()
        for round in 0..<3 {
            for size in [1, 100, 3] {
                let frame = try world.initiator.frame(
                    of: [UInt8](repeating: UInt8(round), count: size))
                try frame.withUnsafeBytes { try decryptor.decrypt($0, into: &batch) }
            }
            #expect(batch.count == 3 && batch.byteCount == 104 && !batch.isEmpty)
            #expect(batch.range(at: 1) == 1..<101)
            #expect(batch[2] == [UInt8](repeating: UInt8(round), count: 3))
            #expect(batch.withMessage(at: 1) { $0.count } == 100)
            batch.removeAll()
            #expect(batch.isEmpty && batch.byteCount == 0)
        }
    }

    @Test func `an empty batch has no messages`() {
        let batch = MessageBatch()
        batch.forEach { _ in Issue.record("there is none") }
        #expect(batch.count == 0)
    }
}
