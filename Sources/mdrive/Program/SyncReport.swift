import Archives
import Cryptography
import Multiwriter
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a program that syncs tells another one that asks.
final class SyncReport: Sendable {
    /// How a drive is met, and what became of it last.
    struct Meeting: Sendable {
        enum Kind: String {
            case pipe
            case listen
            case connect
        }

        var kind: Kind
        var address: String
        var failure: (sentence: String, time: Int64)?
    }

    private struct State {
        var meetings: [Meeting] = []
        /// The last things that went wrong, oldest first.
        var failures: [(sentence: String, time: Int64)] = []
    }

    private let isOnce: Bool
    private let begin = SyncReport.now
    private let state = Mutex(State())
    private static let maximumFailureCount = 20

    init(isOnce: Bool) { self.isOnce = isOnce }

    /// Notes a way to meet others.
    func note(_ kind: Meeting.Kind, at address: String) {
        state.withLock { $0.meetings.append(Meeting(kind: kind, address: address)) }
    }

    /// Notes why nobody was met at an address; `nil` if somebody was.
    func note(failure sentence: String?, at address: String) {
        let failure = sentence.map { (sentence: $0, time: Self.now) }
        state.withLock { state in
            for index in state.meetings.indices where state.meetings[index].address == address {
                state.meetings[index].failure = failure
            }
        }
    }

    /// Notes what happened, if it is something that a person may want to know later.
    func note(_ event: SyncEvent, as sentence: String) {
        switch event.kind {
        case .connected, .opened, .learned, .settled: return
        case .ended where event.message.isEmpty: return
        case .ended, .refused, .refusedByPeer, .problem: break
        }
        state.withLock { state in
            state.failures.append((sentence, Self.now))
            if state.failures.count > Self.maximumFailureCount { state.failures.removeFirst() }
        }
    }

    /// Milliseconds since 1970.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// The whole of it.
    func json(_ status: SyncStatus) -> JSONValue {
        let (meetings, failures) = state.withLock { ($0.meetings, $0.failures) }
        return [
            "process": .integer(Int64(getpid())),
            "since": .integer(begin),
            "once": .bool(isOnce),
            "meetings": .array(meetings.map(Self.json)),
            "connections": .array(status.peers.prefix(1000).map(Self.json)),
            "received": .count(status.receivedByteCount),
            "sent": .count(status.sentByteCount),
            "missing": .count(status.missingBlockCount),
            "lacks": .array(status.lacks.map(Self.json)),
            "problems": .array(status.problems.prefix(1000).map(JSONValue.string)),
            "failures": .array(failures.map(Self.json)),
        ]
    }

    private static func json(_ meeting: Meeting) -> JSONValue {
        [
            "kind": .string(meeting.kind.rawValue),
            "address": .string(meeting.address),
            "failure": meeting.failure.map(json) ?? .null,
        ]
    }

    private static func json(_ failure: (sentence: String, time: Int64)) -> JSONValue {
        ["sentence": .string(failure.sentence), "time": .integer(failure.time)]
    }

    private static func json(_ peer: SyncStatus.Peer) -> JSONValue {
        [
            "number": .integer(Int64(peer.connection)),
            "address": text(peer.address),
            "peer": text(peer.key?.hexadecimal),
            "drive": .bool(peer.isDrive),
            "seconds": .integer(peer.age.components.seconds),
            "received": .count(peer.receivedByteCount),
            "sent": .count(peer.sentByteCount),
            "outgoing": .integer(Int64(peer.outgoingByteCount)),
            "feeds": .integer(Int64(peer.feedCount)),
            "settled": .bool(peer.isSettled),
            "waitingFor": text(peer.waitingFor),
            "refused": .integer(Int64(peer.refusedLinkCount)),
            "refusal": text(peer.refusal),
            "refusedByPeer": .count(peer.remoteRefusedLinkCount),
            "refusalByPeer": text(peer.remoteRefusal),
        ]
    }

    static func json(_ lack: SyncStatus.Lack) -> JSONValue {
        [
            "link": .string(lack.link.hexadecimal),
            "part": .string(lack.part == .index ? "index" : "content"),
            "missing": .count(lack.blockCount),
            "connections": .array(lack.connections.map { .integer(Int64($0)) }),
        ]
    }

    private static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
