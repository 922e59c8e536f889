import Archives
public import Cryptography
public import Feeds

/// What a check of everything that is stored has found.
public struct VerificationReport: Sendable {
    /// Something that is broken.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The archive.
        public let link: FeedKey
        /// The feed of the archive, `nil` if it is the archive as a whole.
        public let part: BlockEvent.Part?
        /// What is broken, `nil` if it is not one of the things that a feed consists of.
        public let damage: FeedDamage?
        /// One sentence.
        public let message: String

        /// The archive, the feed and the sentence.
        public var description: String {
            let part =
                switch part {
                case .index: " index"
                case .content: " content"
                case nil: ""
                }
            return "\(link.hexadecimal.prefix(8))\(part): \(message)"
        }
    }

    /// Archives that were checked.
    public internal(set) var archiveCount = 0
    /// Blocks that were hashed.
    public internal(set) var blockCount: UInt64 = 0
    /// Bytes of the blocks that were hashed.
    public internal(set) var byteCount: UInt64 = 0
    /// What is broken.
    public internal(set) var problems: [Problem] = []
    /// What is broken in the database beneath.
    public internal(set) var structuralProblems: [String] = []

    /// True if nothing is broken.
    public var isSound: Bool { problems.isEmpty && structuralProblems.isEmpty }
}

extension Drive {
    /// Hashes everything that is stored anew and checks all signatures, on the calling thread.
    public func verify(
        isCancelled: () -> Bool = { false },
        progress: (VerificationReport) -> Void = { _ in }
    ) throws -> VerificationReport {
        var report = VerificationReport()
        try checkOpen()
        report.structuralProblems = try DriveError.wrapping { try store.findStructuralDamage() }
        for link in try readNow({ try links(in: $0) }) {
            report.archiveCount += 1
            let feeds: [(BlockEvent.Part, Feed)]
            do {
                feeds = try readNow { try self.feeds(of: link, in: $0) }
            } catch {
                let message = (error as? DriveError)?.message ?? "\(error)"
                report.problems.append(
                    VerificationReport.Problem(
                        link: link, part: nil, damage: nil, message: message))
                continue
            }
            for (part, feed) in feeds {
                try verify(feed, part, of: link, &report, isCancelled, progress)
            }
        }
        return report
    }

    private func verify(
        _ feed: Feed, _ part: BlockEvent.Part, of link: FeedKey,
        _ report: inout VerificationReport, _ isCancelled: () -> Bool,
        _ progress: (VerificationReport) -> Void
    ) throws {
        let before = report
        var verification = FeedVerification(of: feed)
        while !verification.isFinished {
            if isCancelled() { throw DriveError(.cancelled, "the check was ended early") }
            try readNow { try verification.advance(in: $0) }
            report.blockCount = before.blockCount + verification.checkedBlockCount
            report.byteCount = before.byteCount + verification.checkedByteCount
            progress(report)
        }
        for damage in verification.damages {
            report.problems.append(
                VerificationReport.Problem(
                    link: link, part: part, damage: damage, message: damage.description))
        }
    }

    private func feeds(
        of link: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> [(BlockEvent.Part, Feed)] {
        guard let index = try snapshot.feed(for: link) else {
            throw DriveError(.damaged, "its feed is missing")
        }
        // An index that is broken inside does not keep its bytes from being checked.
        let content = try? archive(for: link, in: snapshot)?.content
        return [(.index, index)] + (content.map { [(.content, $0.feed)] } ?? [])
    }
}
