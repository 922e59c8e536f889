import Counting
import Foundation

/// Counts what fixed work costs, and fails where it is more than what was recorded.
@main enum Guard {
    static func main() async throws {
        var arguments = CommandLine.arguments.dropFirst()
        let isRecording = arguments.first == "--record"
        if isRecording { arguments.removeFirst() }
        guard let path = arguments.first, arguments.count == 1 else {
            complain("usage: Guard [--record] FILE-OF-BOUNDS")
            exit(64)
        }
        guard counting_works() else {
            complain("Counting needs Linux with the GNU C library, and no sanitizer.")
            exit(1)
        }
        var bounds = try Bounds(path: path)
        let failures = try await check(&bounds, isRecording)
        if isRecording { return try bounds.save() }
        guard failures == 0 else {
            complain(
                "\(failures) counts are above their bounds: find the cause, or record the new "
                    + "counts with `make guard RECORD=yes` and say why.")
            exit(1)
        }
    }

    /// Does all works; returns how many counts are above their bounds.
    private static func check(_ bounds: inout Bounds, _ isRecording: Bool) async throws -> Int {
        let place = try Workplace()
        var failures = 0
        for work in Works.all {
            let cost = try await work.cost(in: place)
            for (name, value) in zip(Cost.names, cost.counts) {
                let isRate = ["allocations", "calls"].contains(name)
                let label = isRate ? "\(name) a \(work.unit)" : name
                if isRecording { bounds.record(work.name, label, value) }
                let bound = bounds.bound(work.name, label)
                let isKept = bound.map { value <= $0 } ?? false
                if !isKept { failures += 1 }
                say(
                    "\(isKept ? "ok  " : "MORE") \(work.name): \(rounded(value)) \(label)"
                        + (bound.map { ", at most \(rounded($0))" } ?? ", no bound"))
            }
        }
        return failures
    }

    private static func rounded(_ value: Double) -> String { String(format: "%.4g", value) }

    /// At once, so that a run that is cut off shows how far it came.
    private static func say(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
