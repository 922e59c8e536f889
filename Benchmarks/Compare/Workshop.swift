import BenchmarkWork
import Foundation

/// The program that is measured, and what it works on; everything is made when it is first used.
final class Workshop {
    let program: String
    let scratch: Scratch
    let repetitions: Int
    private let say: (String) -> Void
    private var trees: [Int: String] = [:]
    private var drives: [Int: String] = [:]
    private var bigTree: String?
    private var bigDrive: String?

    static let bigByteCount = 256 << 20

    init(program: String, repetitions: Int, say: @escaping (String) -> Void) throws {
        self.program = program
        self.repetitions = repetitions
        self.say = say
        scratch = try Scratch()
        Self.settleGit()
    }

    func progress(_ text: String) { say(text) }

    /// Starts the program with a drive.
    func mdrive(
        _ drive: String, _ arguments: String..., input: String = "/dev/null", output: Int32? = nil
    ) throws -> Child {
        try Child([program, drive] + arguments, input: input, output: output, in: scratch)
    }

    /// Runs a program to its end.
    @discardableResult func run(_ command: [String]) throws -> Double {
        try Child(command, in: scratch).wait()
    }

    /// Leaves nothing to be written to the disk, so that nobody pays for what was before.
    func settle() { sync() }

    /// A folder of so many files of 100 bytes.
    func tree(_ fileCount: Int) throws -> String {
        if let tree = trees[fileCount] { return tree }
        progress("making \(fileCount) files")
        let tree = try scratch.folder.makeTree(fileCount: fileCount, byteCount: 100)
        trees[fileCount] = tree
        return tree
    }

    /// A drive of so many files of 100 bytes.
    func drive(_ fileCount: Int) throws -> String {
        if let drive = drives[fileCount] { return drive }
        let drive = try imported(try tree(fileCount))
        drives[fileCount] = drive
        return drive
    }

    /// A folder with one large file, `0/0`.
    func bigFolder() throws -> String {
        if let bigTree { return bigTree }
        progress("making a file of 256 MiB")
        let tree = try scratch.folder.makeTree(fileCount: 1, byteCount: Self.bigByteCount)
        bigTree = tree
        return tree
    }

    /// A drive with that file.
    func bigFileDrive() throws -> String {
        if let bigDrive { return bigDrive }
        let drive = try imported(try bigFolder())
        bigDrive = drive
        return drive
    }

    private func imported(_ tree: String) throws -> String {
        let drive = scratch.next()
        try mdrive(drive, "import", tree + "/").wait()
        return drive
    }

    /// Lets a drive listen while something is done.
    func serving<Result>(
        _ drive: String, _ body: (_ server: Child, _ port: UInt16) throws -> Result
    ) throws -> Result {
        let server = try mdrive(drive, "sync", "--listen", "127.0.0.1:0")
        defer { server.stop() }
        let address = try server.heard("mdrive: listening on ")
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw Child.Failure(description: "mdrive listens on '\(address)'")
        }
        return try body(server, port)
    }

    /// Dials and brings a drive up to date.
    func dial(_ drive: String, _ port: UInt16) throws -> Child {
        try mdrive(drive, "sync", "--once", "--connect", "127.0.0.1:\(port)")
    }

    /// The seconds from the start to the exit of an empty drive that fetches all of another.
    func secondsOfFetching(_ port: UInt16) throws -> Double {
        let target = scratch.next()
        settle()
        let seconds = try dial(target, port).wait()
        scratch.remove(target)
        return seconds
    }

    /// The seconds that an import of a folder into a new drive takes.
    func secondsOfImporting(_ tree: String) throws -> Double {
        let drive = scratch.next()
        settle()
        let seconds = try mdrive(drive, "import", tree + "/").wait()
        scratch.remove(drive)
        return seconds
    }

    /// The bytes of a connection to a port on this machine, both directions.
    func bytesOnTheWire(to port: UInt16, _ body: (UInt16) throws -> Void) throws -> Double {
        let relay = try Relay(to: port)
        defer { relay.stop() }
        try body(relay.port)
        // The relay may still have to pass on what the last one to leave has sent.
        usleep(50_000)
        return relay.byteCount
    }
}
