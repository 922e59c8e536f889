import Testing

@testable import Multiwriter
@testable import SecretStream

@Suite struct SyncPeerTests {
    @Test func `who always has more waiting keeps nothing that was dealt with`() {
        let peer = SyncPeer(number: 1, options: ReplicationOptions(), sums: SyncSums(), now: .zero)
        func receive(_ byteCount: Int) {
            var batch = MessageBatch()
            batch.append(byteCount: byteCount) { $0.initializeMemory(as: UInt8.self, repeating: 1) }
            let bytes = ReceivedBytes(
                byteCount: byteCount, heldByteCount: byteCount, frameCount: 1)
            #expect(peer.received(batch, bytes, now: .zero))
        }
        receive(1000)
        receive(1001)
        for byteCount in 1002..<1100 {
            receive(byteCount)
            #expect(peer.nextBatch()?.batch.byteCount == byteCount - 2)
            #expect(peer.inboxByteCount == byteCount + byteCount - 1)
        }
        #expect(peer.nextBatch()?.batch.byteCount == 1098)
        #expect(peer.nextBatch()?.batch.byteCount == 1099)
        #expect(peer.nextBatch() == nil)
        #expect(!peer.hasInbox)
    }
}
