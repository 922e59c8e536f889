/// Tells when a side has been silent long enough to send an empty message.
///
/// Moments are durations since any fixed point in time.
public struct KeepAlive: Sendable {
    private let interval: Duration
    private var lastWrite: Duration

    /// Begins at a moment.
    public init(at now: Duration, interval: Duration = SecretStreamLimits.keepAliveInterval) {
        self.interval = interval
        lastWrite = now
    }

    /// The moment at which an empty message is due if nothing else is written.
    public var deadline: Duration { lastWrite + interval }

    /// Notes that something was written.
    public mutating func noteWrite(at now: Duration) { lastWrite = max(lastWrite, now) }

    /// Whether an empty message is due.
    public func isDue(at now: Duration) -> Bool { now >= deadline }
}
