/// Which end of the encrypted stream a side is.
public enum ReplicationRole: Sendable, Hashable {
    /// Neither side knows: both greet with a random number, and the larger one begins.
    case negotiated
    /// This side sends first, as one who dials does.
    case initiator
    /// This side waits for the other, as one who listens does.
    case responder
}

/// How a replication runs.
public struct ReplicationOptions: Sendable {
    /// Whether it ends as soon as both sides have everything that the other had.
    public var isOnce = false
    /// Whether another program makes the stream, so that a person may have to help it begin.
    public var isPipe = false
    /// Whether whole runs of blocks are offered and asked for; if not, feeds go as they do between
    /// other programs, in the messages of Hypercore.
    public var usesRuns = true
    /// What the far end can cost.
    public var limits = SyncLimits()

    /// A live replication with the usual limits.
    public init(isOnce: Bool = false, limits: SyncLimits = SyncLimits()) {
        self.isOnce = isOnce
        self.limits = limits
    }
}

/// What a replication asks of the stream that carries it.
public enum ReplicationOutput: Sendable {
    /// Send these bytes, in the order of the calls.
    case write([UInt8])
    /// Hand in no more bytes: what came is not dealt with yet.
    case pauseReading
    /// Bytes are welcome again.
    case resumeReading
    /// Send what was written before, then close.
    case close
}
