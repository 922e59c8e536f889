import Foundation

/// One line of the table: what was measured, and what it must be.
struct Row {
    /// The number of the line.
    let line: Int
    let work: String
    /// What it was compared with.
    let peer: String
    /// The two figures, in words.
    let ours: String
    let theirs: String
    let value: Quantity
    /// The largest value that will do; with a second, the aim and then what it must be at least.
    let reach: Double?
    var least: Double?

    enum Verdict: String {
        case reached, least, short
        /// Nothing is asked of it.
        case shown = "–"
    }

    var verdict: Verdict {
        guard let reach else { return .shown }
        if value.number <= reach { return .reached }
        if let least, value.number <= least { return .least }
        return .short
    }

    /// What is asked, in words.
    var bound: String {
        guard let reach else { return "–" }
        let text = value.with(reach)
        return least.map { "\(text) (\(value.with($0)))" } ?? text
    }
}

/// A number with its unit.
struct Quantity: CustomStringConvertible {
    enum Unit { case times, seconds, bytes, mebibytes }

    let number: Double
    let unit: Unit

    init(_ number: Double, _ unit: Unit) {
        self.number = number
        self.unit = unit
    }

    var description: String { with(number) }

    /// Another number of the same unit, in words.
    func with(_ number: Double) -> String {
        switch unit {
        case .times: "\(Self.text(number)) ×"
        case .seconds:
            switch number {
            case 1...: "\(Self.text(number)) s"
            case 0.001...: "\(Self.text(number * 1e3)) ms"
            default: "\(Self.text(number * 1e6)) µs"
            }
        case .bytes:
            switch number {
            case 1e9...: "\(Self.text(number / 1e9)) GB"
            case 1e6...: "\(Self.text(number / 1e6)) MB"
            case 1e4...: "\(Self.text(number / 1e3)) kB"
            default: "\(Int(number)) B"
            }
        case .mebibytes: "\(Self.text(number / 1_048_576)) MiB"
        }
    }

    /// Three digits that count.
    private static func text(_ number: Double) -> String {
        let places = number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2
        return String(format: "%.\(places)f", number)
    }
}

extension Samples {
    /// The median, and in brackets the smallest and the largest.
    func text(_ unit: Quantity.Unit) -> String {
        let median = Quantity(median, unit)
        guard values.count > 1 else { return "\(median)" }
        return "\(median) (\(median.with(minimum))–\(median.with(maximum)))"
    }
}
