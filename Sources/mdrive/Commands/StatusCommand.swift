import Archives
import ArgumentParser
import Cryptography
import Feeds
import Multiwriter

/// Writers, lengths, and what is missing.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Writers, what is missing, and how a running sync stands.",
        usage: "mdrive DIR status [--json]",
        discussion: """
            Asks the programs that sync this drive whom they are connected to, what they wait for \
            and what was refused. A writer that signed two histories is named, and why nothing \
            more is taken from it.

            EXAMPLES:
              mdrive alice status
              mdrive alice status --json | jq -r '.writers[] | select(.missing > 0) | .link'
              mdrive alice status --json | jq '.syncs[].connections'
            """)

    @OptionGroup var drive: DriveArguments

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let drive = try drive.open(isReadOnly: true)
        defer { drive.close() }
        let (writers, demand) = try drive.readNow { snapshot in
            (try drive.writers(in: snapshot), try Demand(of: drive, in: snapshot))
        }
        let answers = SyncDesk.ask(in: drive.path)
        var output = StandardOutput()
        if json {
            let bytes = Self.json(drive, writers, demand, answers).serialized
            try output.write(line: String(decoding: bytes, as: UTF8.self))
        } else {
            try output.write(line: "drive    \(drive.path)")
            try output.write(line: "link     \(drive.link.hexadecimal)")
            try output.write(line: "writers  \(writers.count)")
            for line in demand.lines { try output.write(line: line) }
            for line in Self.lines(answers) { try output.write(line: line) }
            for writer in writers {
                for line in Self.lines(writer) { try output.write(line: line) }
            }
        }
        try output.finish()
    }

    private static func lines(_ answers: [SyncDesk.Answer]) -> [String] {
        guard !answers.isEmpty else { return ["sync     none runs here"] }
        let now = SyncReport.now
        // What peers said is repeated here.
        return answers.flatMap { SyncAnswerText($0, now: now).lines }.map(\.withoutControls)
    }

    private static func lines(_ writer: WriterStatus) -> [String] {
        var lines = ["", writer.link.hexadecimal + (writer.isOwn ? "  (own)" : "")]
        if writer.index.length == 0 && !writer.isOwn {
            lines.append("  nothing has arrived yet: sync with somebody who has this archive")
            return lines
        }
        lines.append("  index    " + text(writer.index))
        if let content = writer.content {
            lines.append("  content  " + text(content))
        } else if !writer.isOwn {
            lines.append("  content  not known yet")
        }
        if let mark = writer.mark { lines.append("  not trusted any more: \(mark)") }
        return lines
    }

    private static func text(_ part: WriterStatus.Part) -> String {
        let size = Quantity.count(part.length, "block") + ", " + Quantity.bytes(part.byteLength)
        guard part.missingCount > 0 else { return size + ", complete" }
        return size + ", " + Quantity.count(part.missingCount, "block") + " missing"
    }
}

extension StatusCommand {
    private static func json(
        _ drive: Drive, _ writers: [WriterStatus], _ demand: Demand,
        _ answers: [SyncDesk.Answer]
    ) -> JSONValue {
        [
            "drive": .string(drive.path),
            "link": .string(drive.link.hexadecimal),
            "id": .string(drive.link.id),
            "sparse": .bool(demand.isSparse),
            "wanted": .count(demand.wantedCount),
            "writers": .array(writers.map(json)),
            "syncs": .array(answers.map(json)),
        ]
    }

    private static func json(_ answer: SyncDesk.Answer) -> JSONValue {
        switch answer.report {
        case .success(let report): report
        case .failure(let problem):
            [
                "process": Int64(answer.process).map(JSONValue.integer) ?? .null,
                "problem": .string("\(problem)"),
            ]
        }
    }

    private static func json(_ writer: WriterStatus) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            (name: "link", value: .string(writer.link.hexadecimal)),
            (name: "own", value: .bool(writer.isOwn)),
            (name: "complete", value: .bool(writer.isComplete)),
            (name: "index", value: json(writer.index)),
            (name: "content", value: writer.content.map(json) ?? .null),
            (
                name: "missing",
                value: .count(writer.index.missingCount + (writer.content?.missingCount ?? 0))
            ),
        ]
        if let mark = writer.mark { members.append((name: "mark", value: .string(mark))) }
        return .object(JSONObject(members))
    }

    private static func json(_ part: WriterStatus.Part) -> JSONValue {
        [
            "key": .string(part.key.hexadecimal),
            "length": .count(part.length),
            "byteLength": .count(part.byteLength),
            "held": .count(part.heldCount),
            "missing": .count(part.missingCount),
        ]
    }
}

/// Whether contents come by themselves, and what was asked for.
private struct Demand {
    let isSparse: Bool
    let wantedCount: UInt64

    init(of drive: Drive, in snapshot: borrowing StoreSnapshot) throws {
        isSparse = try drive.isSparse(in: snapshot)
        wantedCount = try drive.wants(in: snapshot).reduce(0) { sum, want in
            sum + (want.blocks.upperBound - want.blocks.lowerBound)
        }
    }

    var lines: [String] {
        var lines: [String] = []
        if isSparse { lines.append("sparse   yes, contents come when they are asked for") }
        if wantedCount > 0 {
            lines.append("asked    \(Quantity.count(wantedCount, "block")), not all here yet")
        }
        return lines
    }
}
