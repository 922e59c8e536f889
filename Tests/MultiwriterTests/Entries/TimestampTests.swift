import Multiwriter
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [0, 1, 999, 1000, 1_480_000_000_001, -1, -1000, -1001])
    func `milliseconds go in and out`(milliseconds: Int64) {
        let time = Timestamp(milliseconds: milliseconds)
        #expect(time.milliseconds == milliseconds)
        #expect(time.nanoseconds < 1_000_000_000)
    }

    @Test func `the far ends do not overflow`() {
        #expect(Timestamp(seconds: .max).milliseconds == .max)
        #expect(Timestamp(seconds: .min).milliseconds == .min)
    }

    @Test func `later is greater`() {
        #expect(Timestamp(seconds: 1) < Timestamp(seconds: 1, nanoseconds: 1))
        #expect(Timestamp(seconds: -1, nanoseconds: 9) < .zero)
    }
}
