import Testing

@testable import mdrive

@Suite struct ProgressTests {
    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"),
            (1_048_575, "1.0 MiB"), (1 << 20, "1.0 MiB"), (1 << 30, "1.0 GiB"),
            (UInt64.max, "16.0 EiB"),
        ] as [(UInt64, String)])
    func `bytes have a unit that people can read`(count: UInt64, text: String) {
        #expect(Quantity.bytes(count) == text)
    }

    @Test func `times are minutes and seconds, and hours if need be`() {
        #expect(Quantity.time(seconds: 0) == "0:00")
        #expect(Quantity.time(seconds: 6.2) == "0:07")
        #expect(Quantity.time(seconds: 3599) == "59:59")
        #expect(Quantity.time(seconds: 3723) == "1:02:03")
        #expect(Quantity.time(seconds: .infinity) == "99:59:59")
    }

    @Test func `a rate is that of the last seconds`() {
        var pace = Pace()
        #expect(pace.bytesPerSecond == nil)
        for second in 0...10 { pace.note(UInt64(second) * 100, at: .seconds(second)) }
        #expect(pace.bytesPerSecond == 100)
        for second in 1...10 { pace.note(1000 + UInt64(second) * 1000, at: .seconds(10 + second)) }
        #expect(pace.bytesPerSecond == 1000)
    }

    @Test func `nothing that is printed moves a cursor`() {
        #expect("a\u{1B}[2Jb\nc\u{7F}\u{9B}d é🎉".withoutControls == "a?[2Jb?c??d é🎉")
        #expect("plain".withoutControls == "plain")
    }
}
