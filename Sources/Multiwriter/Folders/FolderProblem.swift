/// Something of a folder that could not be taken in or written, while everything else was.
public struct FolderProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What it is about, as a path outside the drive.
    public let path: String
    /// One sentence.
    public let message: String

    /// Makes a problem.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    /// The path and the sentence.
    public var description: String { "\(path): \(message)" }
}

/// Collects problems: the first ones word for word, the others as a number.
struct FolderProblems {
    private(set) var all: [FolderProblem] = []
    private(set) var count = 0

    mutating func note(_ path: String, _ message: String) {
        count += 1
        if all.count < DriveLimits.maximumProblemCount {
            all.append(FolderProblem(path: path, message: message))
        }
    }

    mutating func note(_ path: String, _ error: any Error) {
        note(path, (error as? DriveError)?.message ?? "\(error)")
    }
}
