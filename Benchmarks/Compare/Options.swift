import Foundation

/// What the program was asked to do.
struct Options {
    enum Form: Equatable {
        case text, markdown, separated
        /// Between the marks of a page.
        case page(String)
    }

    struct Misuse: Error, CustomStringConvertible {
        let description: String
    }

    private static let usage = """
        usage: Compare [--line N[,N…]] [--repeat N] [--markdown | --tsv | --page FILE]
               Compare --growth [--repeat N] [--page FILE]
        The program that is measured is ../.build/release/mdrive, or what MDRIVE says.
        """

    var program = ProcessInfo.processInfo.environment["MDRIVE"] ?? "../.build/release/mdrive"
    /// The lines to measure; all if `nil`.
    var lines: Set<Int>?
    var repetitions = 5
    /// Whether growth is shown in the place of the table.
    var isGrowth = false
    var form = Form.text

    init(_ arguments: some Sequence<String>) throws(Misuse) {
        var rest = arguments.makeIterator()
        while let option = rest.next() {
            switch option {
            case "--line":
                let numbers = rest.next().map { $0.split(separator: ",").compactMap { Int($0) } }
                guard let numbers, !numbers.isEmpty else { throw Misuse(description: Self.usage) }
                lines = Set(numbers)
            case "--growth": isGrowth = true
            case "--repeat":
                guard let count = rest.next().flatMap({ Int($0) }), count > 0 else {
                    throw Misuse(description: Self.usage)
                }
                repetitions = count
            case "--markdown": form = .markdown
            case "--tsv": form = .separated
            case "--page":
                guard let path = rest.next() else { throw Misuse(description: Self.usage) }
                form = .page(path)
            default: throw Misuse(description: Self.usage)
            }
        }
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw Misuse(
                description: "\(program) is not there: run `make release`, or set MDRIVE")
        }
    }
}
