public import Cryptography

/// What could not be shown of one writer's archive, while everything else was.
public struct ViewProblem: Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Kind: String, Sendable, Hashable {
        /// Blocks have not arrived here.
        case missingBlocks
        /// The index contradicts itself.
        case brokenIndex
        /// An entry's path is one that nobody can ask for.
        case badPath
        /// An entry is not what it should be.
        case badEntry
        /// The archive as a whole cannot be read.
        case badArchive
    }

    /// The writer's archive.
    public let link: FeedKey
    /// What is wrong.
    public let kind: Kind
    /// One sentence about the first time it was met.
    public let message: String
    /// How often it was met.
    public var count = 1

    /// The sentence, with the writer's link.
    public var description: String {
        let times = count > 1 ? " (\(count) times)" : ""
        return "\(link.hexadecimal.prefix(8)): \(message)\(times)"
    }
}

/// Collects problems: one of a kind for each writer, so that a hostile one costs no memory.
struct ViewProblems: Sendable {
    private struct Key: Hashable {
        let link: FeedKey
        let kind: ViewProblem.Kind
    }

    private var positions: [Key: Int] = [:]
    private(set) var all: [ViewProblem] = []
    /// The blocks that were not here, each with where the walk stood; the first ones.
    private(set) var lacks: [IndexLack] = []

    /// Adds blocks that were not here, without counting them as problems.
    mutating func add(_ lacks: [IndexLack]) {
        for lack in lacks where self.lacks.count < DriveLimits.maximumLackCount {
            if !self.lacks.contains(lack) { self.lacks.append(lack) }
        }
    }

    /// Adds what another walk has met.
    mutating func add(_ other: ViewProblems) {
        add(other.lacks)
        for problem in other.all {
            note(problem.kind, of: problem.link, problem.message)
            guard let position = positions[Key(link: problem.link, kind: problem.kind)] else {
                continue
            }
            all[position].count += problem.count - 1
        }
    }

    mutating func note(
        _ kind: ViewProblem.Kind, of link: FeedKey, _ message: @autoclosure () -> String
    ) {
        let key = Key(link: link, kind: kind)
        if let position = positions[key] {
            all[position].count += 1
        } else {
            positions[key] = all.count
            all.append(ViewProblem(link: link, kind: kind, message: message()))
        }
    }
}
