import Cryptography
import Multiwriter
import Testing

@Suite struct SeenVectorTests {
    private func link(_ byte: UInt8) -> FeedKey {
        FeedKey(Digest([UInt8](repeating: byte, count: 32)) ?? .zero)
    }

    @Test func `newer positions replace older ones, never the other way`() {
        var seen = SeenVector()
        #expect(seen.isEmpty && seen[link(1)] == nil)
        seen.see(link(2), upTo: 5)
        seen.see(link(1), upTo: 7)
        seen.see(link(2), upTo: 3)
        #expect(seen[link(2)] == 5)
        seen.see(link(2), upTo: 9)
        #expect(seen[link(2)] == 9)
        #expect(seen.positions.map(\.position) == [7, 9])
        seen.forget(link(1))
        #expect(seen.count == 1 && seen[link(1)] == nil)
    }
}
