/// Since when one connection owes an answer, over all its feeds.
///
/// Only answers count: a remote that is asked, and talks of other things, closes its channels or
/// lets others answer in its place, goes on owing.
struct AnswerClock {
    /// Requests that wait.
    private(set) var requestCount = 0
    private var since: Duration = .zero
    /// When the last request was taken back, or lost with its channel, that nobody had answered.
    private var withdrawnAt: Duration?
    /// Whether requests were taken back because the remote was silent.
    private var isStalled = false

    /// Who is asked again within this time after it left requests unanswered goes on owing.
    static let memory: Duration = .seconds(30)

    /// Since when an answer is owed; `nil` if none is.
    var owesSince: Duration? { requestCount > 0 || isStalled ? since : nil }

    mutating func ask(at now: Duration) {
        if requestCount == 0, !isStalled {
            let isForgotten = withdrawnAt.map { now - $0 > Self.memory } ?? true
            if isForgotten { since = now }
        }
        requestCount += 1
    }

    /// Notes an answer, also a late one to a request that was taken back.
    mutating func answer(at now: Duration, isLate: Bool = false) {
        if !isLate { requestCount -= 1 }
        since = now
        withdrawnAt = nil
        isStalled = false
    }

    mutating func withdraw(_ count: Int = 1, at now: Duration, isStalled: Bool = false) {
        guard count > 0 else { return }
        requestCount -= count
        withdrawnAt = now
        if isStalled { self.isStalled = true }
    }
}
