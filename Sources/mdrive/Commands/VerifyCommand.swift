import ArgumentParser
import Multiwriter

/// Hashes everything that is stored again.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hashes everything that is stored again, and checks signatures.",
        usage: "mdrive DIR verify",
        discussion: """
            What is broken is named, one line each. Blocks that have not arrived are not broken, \
            see 'status' for these.

            EXAMPLES:
              mdrive alice verify
            """)

    @OptionGroup var drive: DriveArguments

    func run() throws {
        let drive = try drive.open(isReadOnly: true)
        defer { drive.close() }
        var progress = Progress("verifying")
        progress.totalByteCount = try drive.storedByteCount()
        let report = try drive.verify(progress: { step in
            progress.byteCount = step.byteCount
            progress.show()
        })
        ProgressLine.shared.clear()
        for problem in report.structuralProblems {
            StandardError.write("the database in \(drive.path): \(problem)")
        }
        for problem in report.problems { StandardError.write("\(problem)") }
        guard report.isSound else {
            throw DriveError(.damaged, "\(drive.path) is damaged")
        }
        var output = StandardOutput()
        let archives = Quantity.count(report.archiveCount, "archive")
        let blocks = Quantity.count(report.blockCount, "block")
        try output.write(
            line: "\(archives), \(blocks), \(Quantity.bytes(report.byteCount)): all is well")
        try output.finish()
    }
}

extension Drive {
    /// About how many bytes a check has to hash.
    fileprivate func storedByteCount() throws -> UInt64 {
        try readNow { try writers(in: $0) }.reduce(0) { sum, writer in
            [writer.index, writer.content].compactMap { $0 }.reduce(sum) { sum, part in
                guard part.length > 0 else { return sum }
                return sum
                    + UInt64(
                        Double(part.byteLength) * Double(part.heldCount) / Double(part.length))
            }
        }
    }
}
