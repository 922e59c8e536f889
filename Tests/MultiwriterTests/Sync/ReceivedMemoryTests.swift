import Testing

@testable import Multiwriter

/// What all connections together hold of what they received.
@Suite struct ReceivedMemoryTests {
    private let mebibyte = 1 << 20

    @Test func `who began a frame first is dropped when all hold too much`() {
        let memory = ReceivedMemory()
        for number in 1...3 {
            #expect(memory.note(number, held: 15 * mebibyte, isPartial: true) == nil)
        }
        // A small one is not dropped for it, although it is older than the last.
        #expect(memory.note(9, held: 1000, isPartial: true) == nil)
        #expect(memory.note(4, held: 15 * mebibyte, isPartial: true) == 1)
        #expect(memory.heldByteCount == 45 * mebibyte + 1000)
        // The second frame is complete: it is the third one's turn.
        #expect(memory.note(2, held: 15 * mebibyte, isPartial: false) == nil)
        #expect(memory.note(5, held: 15 * mebibyte, isPartial: true) == 3)
        memory.forget(5, pending: 0)
        #expect(memory.heldByteCount == 30 * mebibyte + 1000)
    }

    @Test func `many small ones are dropped, too`() {
        let memory = ReceivedMemory()
        var dropped: Set<Int> = []
        for number in 0..<200 {
            let oldest = memory.note(number, held: mebibyte / 2, isPartial: true)
            if let oldest { dropped.insert(oldest) }
        }
        #expect(dropped == Set(0..<104))
        #expect(memory.heldByteCount <= SyncLimits.partialByteCount)
    }

    @Test func `memory for the next frame is kept only while there is enough`() {
        let memory = ReceivedMemory()
        _ = memory.note(1, held: 16 * mebibyte, isPartial: false)
        #expect(!memory.isKeepingTooMuch)
        _ = memory.note(2, held: 1, isPartial: false)
        #expect(memory.isKeepingTooMuch)
        _ = memory.note(1, held: 0, isPartial: false)
        #expect(!memory.isKeepingTooMuch)
    }

    @Test func `reading pauses when all have sent too much, until it is dealt with`() {
        let memory = ReceivedMemory()
        let isFull = memory.add(SyncLimits.receivedByteCount)
        #expect(!isFull)
        let isFuller = memory.add(1)
        #expect(isFuller)
        memory.forget(1, pending: 1000)
        let isStillFull = memory.add(0)
        #expect(!isStillFull)
    }
}
