import Archives

/// What a program that syncs has answered, in lines for a person.
struct SyncAnswerText {
    private let answer: SyncDesk.Answer
    /// Milliseconds since 1970.
    private let now: Int64

    init(_ answer: SyncDesk.Answer, now: Int64) {
        self.answer = answer
        self.now = now
    }

    /// The lines; the first one begins what follows.
    var lines: [String] {
        switch answer.report {
        case .success(let report): return ["sync     " + title(report)] + details(report)
        case .failure(let problem):
            return ["sync     process \(answer.process) cannot be asked: \(problem)"]
        }
    }

    private func title(_ report: JSONValue) -> String {
        let since = ago(report["since"])
        let kind = report["once"]?.bool == true ? "once" : "live"
        return "process \(answer.process), \(kind), for \(since)"
    }

    private func details(_ report: JSONValue) -> [String] {
        var lines: [String] = []
        for meeting in report["meetings"]?.array ?? [] { lines += self.meeting(meeting) }
        let connections = report["connections"]?.array ?? []
        if connections.isEmpty { lines.append("  connected to nobody") }
        for connection in connections { lines += self.connection(connection) }
        for lack in report["lacks"]?.array ?? [] { lines.append("  " + Self.lack(lack)) }
        for problem in report["problems"]?.array ?? [] {
            if let sentence = problem.string { lines.append("  \(sentence)") }
        }
        for failure in report["failures"]?.array ?? [] {
            if let sentence = failure["sentence"]?.string {
                lines.append("  \(ago(failure["time"])) ago: \(sentence)")
            }
        }
        return lines
    }

    private func meeting(_ meeting: JSONValue) -> [String] {
        let address = meeting["address"]?.string ?? "?"
        switch meeting["kind"]?.string {
        case "pipe": return ["  speaks over \(address)"]
        case "listen": return ["  listens on \(address)"]
        default: break
        }
        guard let failure = meeting["failure"], let sentence = failure["sentence"]?.string else {
            return ["  dials \(address)"]
        }
        return ["  dials \(address); \(ago(failure["time"])) ago: \(sentence)"]
    }

    private func connection(_ connection: JSONValue) -> [String] {
        var parts = [connection["address"]?.string ?? "an unknown address"]
        if let peer = connection["peer"]?.string { parts.append("peer \(peer)") }
        if connection["peer"]?.string != nil, connection["drive"]?.bool == false {
            parts.append("no drive of mdrive")
        }
        parts.append("for " + Quantity.time(seconds: Double(number(connection["seconds"]))))
        parts.append("in " + Quantity.bytes(number(connection["received"])))
        parts.append("out " + Quantity.bytes(number(connection["sent"])))
        if connection["settled"]?.bool == true { parts.append("up to date") }
        let name = "connection \(number(connection["number"]))"
        var lines = ["  \(name): " + parts.joined(separator: ", ")]
        if let reason = connection["waitingFor"]?.string { lines.append("    \(reason)") }
        let links = { (count: UInt64) in Quantity.count(count, "link") }
        if let sentence = connection["refusal"]?.string {
            let count = number(connection["refused"])
            lines.append("    \(links(count)) of the far end were not taken: \(sentence)")
        }
        if let sentence = connection["refusalByPeer"]?.string {
            let count = number(connection["refusedByPeer"])
            lines.append("    the far end did not take \(links(count)): \(sentence)")
        }
        return lines
    }

    /// One sentence about what is missing of a feed, and who has it.
    static func lack(_ lack: JSONValue) -> String {
        let link = lack["link"]?.string ?? "?"
        let count = lack["missing"]?.uint64 ?? 0
        let part = lack["part"]?.string ?? "?"
        let what =
            count == 0
            ? "anything of archive \(link)"
            : Quantity.count(count, "block") + " of the \(part) of \(link)"
        let numbers = (lack["connections"]?.array ?? []).compactMap(\.uint64)
        guard !numbers.isEmpty else { return "nobody connected has \(what)" }
        let names = numbers.map { "\($0)" }.joined(separator: ", ")
        return "\(what) can come over connection \(names)"
    }

    private func number(_ value: JSONValue?) -> UInt64 { value?.uint64 ?? 0 }

    private func ago(_ time: JSONValue?) -> String {
        Quantity.time(seconds: Double(max(0, now - (time?.int64 ?? now))) / 1000)
    }
}
