import Foundation

/// What every work may cost, as a file of lines with tabs: work, count, debug, release.
struct Bounds {
    #if DEBUG
        private static let column = 2
    #else
        private static let column = 3
    #endif
    private static let head = ["work", "count", "debug", "release"]

    /// What was recorded may be passed by so much, and a fifth more always fails.
    private static let tolerance = 1.1

    private let path: String
    private var lines: [[String]]

    init(path: String) throws {
        self.path = path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        lines = text.split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// The largest count that will do, `nil` if none was recorded.
    func bound(_ work: String, _ count: String) -> Double? {
        lines.first { $0[0] == work && $0[1] == count }
            .flatMap { Double($0[Self.column]) }.map { $0 * Self.tolerance }
    }

    /// Puts a count in the place of the recorded one.
    mutating func record(_ work: String, _ count: String, _ value: Double) {
        let text = String(format: "%.4g", value)
        if let place = lines.firstIndex(where: { $0[0] == work && $0[1] == count }) {
            lines[place][Self.column] = text
        } else {
            var line = [work, count, "", ""]
            line[Self.column] = text
            lines.append(line)
        }
    }

    func save() throws {
        let text = ([Self.head] + lines).map { $0.joined(separator: "\t") + "\n" }.joined()
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
