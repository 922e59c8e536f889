import Archives
import ArgumentParser
import Cryptography
import Multiwriter

/// Writers, lengths, and what is missing.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Writers, lengths, what is missing.",
        usage: "mdrive DIR status [--json]",
        discussion: """
            EXAMPLES:
              mdrive alice status
              mdrive alice status --json | jq -r '.writers[] | select(.missing > 0) | .link'
            """)

    @OptionGroup var drive: DriveArguments

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let drive = try drive.open(isReadOnly: true)
        defer { drive.close() }
        let writers = try drive.readNow { try drive.writers(in: $0) }
        var output = StandardOutput()
        if json {
            let bytes = Self.json(drive, writers).serialized
            try output.write(line: String(decoding: bytes, as: UTF8.self))
        } else {
            try output.write(line: "drive    \(drive.path)")
            try output.write(line: "link     \(drive.link.hexadecimal)")
            try output.write(line: "writers  \(writers.count)")
            for writer in writers {
                for line in Self.lines(writer) { try output.write(line: line) }
            }
        }
        try output.finish()
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
    private static func json(_ drive: Drive, _ writers: [WriterStatus]) -> JSONValue {
        [
            "drive": .string(drive.path),
            "link": .string(drive.link.hexadecimal),
            "id": .string(drive.link.id),
            "writers": .array(writers.map(json)),
        ]
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
                value: number(writer.index.missingCount + (writer.content?.missingCount ?? 0))
            ),
        ]
        if let mark = writer.mark { members.append((name: "mark", value: .string(mark))) }
        return .object(JSONObject(members))
    }

    private static func json(_ part: WriterStatus.Part) -> JSONValue {
        [
            "key": .string(part.key.hexadecimal),
            "length": number(part.length),
            "byteLength": number(part.byteLength),
            "held": number(part.heldCount),
            "missing": number(part.missingCount),
        ]
    }

    private static func number(_ value: UInt64) -> JSONValue { .integer(Int64(clamping: value)) }
}
