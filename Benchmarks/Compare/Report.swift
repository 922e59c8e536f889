import BenchmarkWork
import Foundation

/// Rows as text for people, for pages and for programs.
enum Report {
    static let titles = ["#", "work", "against", "mdrive", "the other", "", "asked", ""]

    private static func cells(_ row: Row) -> [String] {
        [
            "\(row.line)", row.work, row.peer, row.ours, row.theirs, "\(row.value)", row.bound,
            row.verdict.rawValue,
        ]
    }

    /// Columns in line with one another.
    static func text(_ rows: [Row]) -> String {
        let lines = [titles] + rows.map(cells)
        let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            zip(line, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
    }

    static func markdown(_ rows: [Row]) -> String {
        markdown(titles, rows.map(cells))
    }

    static func markdown(_ titles: [String], _ lines: [[String]]) -> String {
        ([titles, titles.map { _ in "---" }] + lines)
            .map { "| " + $0.joined(separator: " | ") + " |" }
            .joined(separator: "\n").replacing("| --- ", with: "|---").replacing(
                "--- |", with: "---|")
    }

    /// Numbers in their plain units: seconds, bytes, ratios.
    static func separated(_ rows: [Row]) -> String {
        let head = "line\twork\tagainst\tmdrive\tother\tvalue\treach\tleast\tverdict"
        let lines = rows.map { row in
            [
                "\(row.line)", row.work, row.peer, row.ours, row.theirs, "\(row.value.number)",
                row.reach.map { "\($0)" } ?? "", row.least.map { "\($0)" } ?? "",
                row.verdict.rawValue,
            ].joined(separator: "\t")
        }
        return ([head] + lines).joined(separator: "\n")
    }

    /// Puts a text between two marks of a page, in the place of what is there.
    static func put(_ text: String, between mark: String, of path: String) throws {
        let page = try String(contentsOfFile: path, encoding: .utf8)
        let (begin, end) = ("<!-- \(mark): begin -->\n", "<!-- \(mark): end -->")
        guard let start = page.range(of: begin), let rest = page.range(of: end),
            start.upperBound <= rest.lowerBound
        else { throw Child.Failure(description: "\(path) has no marks for \(mark)") }
        let changed = page[..<start.upperBound] + "\n" + text + "\n\n" + page[rest.lowerBound...]
        try changed.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// The machine and the programs, in one sentence.
    static func machine(_ peers: [String]) -> String {
        let information = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        let model = information?.split(separator: "\n").first { $0.hasPrefix("model name") }
            .flatMap { $0.split(separator: ":").last }?.trimmingCharacters(in: .whitespaces)
        let day = Date.now.formatted(.iso8601.year().month().day())
        let load =
            (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?
            .split(separator: " ").first ?? "unknown"
        let count = ProcessInfo.processInfo.activeProcessorCount
        let place = "\(day), \(count) processors (\(model ?? "unknown")), load \(load) at the end"
        return ([place] + peers).joined(separator: ", ") + "."
    }
}
