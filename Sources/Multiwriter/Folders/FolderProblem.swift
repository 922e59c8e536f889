/// Something of a folder that could not be taken in or written, while everything else was.
public struct FolderProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What it is about, as a path outside the drive.
    public let path: String
    /// What kind of problem it is.
    public let code: DriveError.Code
    /// One sentence.
    public let message: String

    /// Makes a problem.
    public init(path: String, code: DriveError.Code, message: String) {
        self.path = path
        self.code = code
        self.message = message
    }

    /// The path and the sentence.
    public var description: String { "\(path): \(message)" }
}

/// Collects problems: the first ones word for word, the others as a number.
struct FolderProblems {
    private(set) var all: [FolderProblem] = []
    private(set) var count = 0

    mutating func note(_ path: String, _ code: DriveError.Code, _ message: String) {
        count += 1
        if all.count < DriveLimits.maximumProblemCount {
            all.append(FolderProblem(path: path, code: code, message: message))
        }
    }

    mutating func note(_ path: String, _ error: any Error) {
        let error = DriveError.wrap(error)
        let code = (error as? DriveError)?.code ?? .fileSystem
        note(path, code, (error as? DriveError)?.message ?? "\(error)")
    }
}
