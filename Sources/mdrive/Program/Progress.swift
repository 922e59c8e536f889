/// How far long work has come, as a person wants to read it: bytes, files, rate, time left.
struct Progress {
    private let verb: String
    private let start = ContinuousClock.now
    /// The rate over the last seconds matters more than the one since the start.
    private var pace = Pace()

    var byteCount: UInt64 = 0
    var totalByteCount: UInt64?
    var entryCount: Int?
    var totalEntryCount: Int?

    /// Begins; the verb is what is being done, as in `importing`.
    init(_ verb: String) { self.verb = verb }

    /// Shows where things stand, if it is time for it.
    mutating func show() {
        guard ProgressLine.shared.isShown else { return }
        let elapsed = ContinuousClock.now - start
        pace.note(byteCount, at: elapsed)
        ProgressLine.shared.show { text(elapsed) }
    }

    private func text(_ elapsed: Duration) -> String {
        var parts = [verb]
        if let entryCount {
            parts.append(
                totalEntryCount.map { "\(entryCount) of \($0) entries" } ?? "\(entryCount) entries")
        }
        parts.append(
            totalByteCount.map { "\(Quantity.bytes(byteCount)) of \(Quantity.bytes($0))" }
                ?? Quantity.bytes(byteCount))
        if let rate = pace.bytesPerSecond {
            parts.append(Quantity.bytes(UInt64(rate)) + "/s")
            if let totalByteCount, totalByteCount > byteCount, rate >= 1 {
                let left = Double(totalByteCount - byteCount) / rate
                parts.append(Quantity.time(seconds: left) + " left")
            }
        }
        return parts.joined(separator: "  ")
    }
}

/// A rate over the last few seconds.
struct Pace {
    private var marks: [(byteCount: UInt64, time: Duration)] = []

    /// Notes how much was done by a time.
    mutating func note(_ byteCount: UInt64, at time: Duration) {
        if let last = marks.last, time - last.time < .milliseconds(200) { return }
        marks.append((byteCount, time))
        while marks.count > 2, time - marks[1].time > .seconds(5) { marks.removeFirst() }
    }

    /// The rate, `nil` while there is too little to tell.
    var bytesPerSecond: Double? {
        guard let first = marks.first, let last = marks.last, last.time > first.time,
            last.byteCount >= first.byteCount
        else { return nil }
        return Double(last.byteCount - first.byteCount) / ((last.time - first.time) / .seconds(1))
    }
}

/// Numbers for people.
enum Quantity {
    /// Bytes with a unit: `512 B`, `1.5 MiB`.
    static func bytes(_ count: UInt64) -> String {
        guard count >= 1024 else { return "\(count) B" }
        var value = Double(count)
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        // What would be rounded to 1024 belongs to the next unit.
        while value >= 1023.95, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// A number with its noun: `1 file`, `2 files`.
    static func count(_ number: some BinaryInteger, _ one: String, _ many: String? = nil) -> String
    {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }

    /// A length of time: `0:07`, `1:02:03`.
    static func time(seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 359_999).rounded(.up))
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        let tail = (rest < 10 ? "0" : "") + "\(rest)"
        guard hours > 0 else { return "\(minutes):\(tail)" }
        return "\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes):\(tail)"
    }
}
