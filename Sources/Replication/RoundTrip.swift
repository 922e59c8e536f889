/// How long a peer takes to answer and how fast its answers come, as far as was measured.
///
/// From both follows how much is asked of it at a time: as much as it brings in a second or in two
/// of the shortest round trips, for a longer one shows how much waits there already. A window that
/// was full and doubles the rate shows room for more, so it grows by itself; only a full window
/// whose answers come more slowly lets it shrink.
struct RoundTrip {
    /// The time from a request to its answer, averaged over the last ones.
    private(set) var smoothed: Duration?
    /// The shortest such time.
    private(set) var minimum: Duration?
    /// Bytes of answers in a second.
    private(set) var byteRate: Double = 0
    private var mark: Duration = .zero
    private var deliveredByteCount = 0
    private var wasFull = false
    private var newestSentAt: Duration?

    /// Begins to count when a peer that had nothing to do is asked for something.
    mutating func begin(at now: Duration) {
        mark = now
        deliveredByteCount = 0
        wasFull = false
    }

    /// Counts an answer; it is measured once it is known how late it is.
    mutating func didAnswer(sentAt: Duration, byteCount: Int) {
        newestSentAt = max(newestSentAt ?? sentAt, sentAt)
        deliveredByteCount += byteCount
    }

    /// Notes that more would have been asked if the window had been larger.
    mutating func noteFull() { wasFull = true }

    /// Measures what has come since the last time; false if nothing has.
    @discardableResult
    mutating func measure(at now: Duration) -> Bool {
        guard let sentAt = newestSentAt else { return false }
        newestSentAt = nil
        let sample = max(.zero, now - sentAt)
        smoothed = smoothed.map { $0 + (sample - $0) / 8 } ?? sample
        minimum = min(minimum ?? sample, sample)
        let elapsed = now - mark
        guard elapsed >= Self.shortestInterval else { return true }
        let rate = Double(deliveredByteCount) / (elapsed / .seconds(1))
        if rate > byteRate {
            byteRate = rate
        } else if wasFull {
            byteRate += (rate - byteRate) / 4
        }
        begin(at: now)
        return true
    }

    /// The bytes to have on the way, `nil` as long as nothing was measured.
    var windowByteCount: UInt64? {
        guard byteRate > 0, let minimum else { return nil }
        let horizon = max(Self.shortestHorizon, minimum * 2)
        return UInt64(min(byteRate * (horizon / .seconds(1)), 1e15))
    }

    private static let shortestInterval: Duration = .milliseconds(20)
    private static let shortestHorizon: Duration = .seconds(1)
}
