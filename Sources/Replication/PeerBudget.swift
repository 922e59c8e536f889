/// What all channels of one connection may make us keep together.
///
/// Hand the same budget to every ``FeedSession/addPeer(budget:)`` of a connection. It belongs to
/// the thread that the sessions run on.
public final class PeerBudget {
    private let limits: ReplicationLimits
    /// Requests and wants that wait for an answer.
    public internal(set) var queuedRequestCount = 0 {
        didSet { sum.queuedRequestCount += queuedRequestCount - oldValue }
    }
    /// Pages of 32 768 blocks that are remembered of what the remote holds.
    public internal(set) var pageCount = 0 {
        didSet { sum.pageCount += pageCount - oldValue }
    }
    private let sum: BudgetSum

    /// A budget of which nothing is used, counted into a sum.
    public init(limits: ReplicationLimits = ReplicationLimits(), sum: BudgetSum = BudgetSum()) {
        self.limits = limits
        self.sum = sum
    }

    /// What the remote owes.
    var answers = AnswerClock()

    /// Since when the remote owes an answer to what it was asked, about any feed; `nil` if it owes
    /// none.
    public var owesSince: Duration? { answers.owesSince }

    var hasRoomForRequest: Bool {
        queuedRequestCount < limits.maximumConnectionRequestCount
    }

    /// Bytes of answers that wait for earlier ones.
    var keptByteCount = 0

    var keptRoom: Int { max(0, limits.maximumKeptByteCount - keptByteCount) }

    var pageRoom: Int { max(0, limits.maximumConnectionPageCount - pageCount) }
}

/// What the budgets of all connections have used together.
public final class BudgetSum {
    /// Requests and wants that wait for an answer.
    public internal(set) var queuedRequestCount = 0
    /// Pages that are remembered of what remotes hold.
    public internal(set) var pageCount = 0

    /// A sum of nothing.
    public init() {}
}
