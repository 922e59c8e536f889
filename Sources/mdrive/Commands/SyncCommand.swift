import ArgumentParser
import DriveNetworking
import Multiwriter

/// Brings this drive and others up to date.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Brings this drive and others up to date.",
        usage: "mdrive DIR sync [--once] [--listen HOST:PORT] [--connect HOST:PORT]",
        discussion: """
            Without an address it speaks over standard input and output, so that anything that \
            joins two programs connects two drives. It is live until it is interrupted: what one \
            writes the other has at once. Makes the drive if there is none.

            A sparse drive fetches everybody's list of files, and a content when 'cat', 'read' \
            or 'download' asks for it. It stays sparse until --full.

            EXAMPLES:
              mdrive shared sync --listen 0.0.0.0:4747
              mdrive shared sync --connect here.example:4747
              mdrive shared sync --connect [::1]:4747 --once
              mdrive phone sync --sparse --connect here.example:4747
              socat EXEC:'mdrive a sync' EXEC:'ssh host mdrive b sync'
            """)

    @OptionGroup var drive: DriveArguments

    @Flag(help: "Ends when both sides have all that the other had.")
    var once = false

    @Flag(help: "Fetches contents only when they are asked for, from now on.")
    var sparse = false

    @Flag(help: "Fetches everything, from now on: the opposite of --sparse.")
    var full = false

    @Option(
        help: ArgumentHelp(
            "Takes connections at an address; port 0 lets the system choose.",
            valueName: "host:port"))
    var listen: [String] = []

    @Option(
        help: ArgumentHelp("Dials an address, again when it was cut off.", valueName: "host:port"))
    var connect: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long to go on dialling while nobody listens there.", valueName: "seconds"))
    var wait = 5.0

    @Flag(help: "Speaks first on a pipe, without mdrive's greeting.")
    var initiator = false

    @Flag(help: "Waits for the other on a pipe, without mdrive's greeting.")
    var responder = false

    @Flag(name: .shortAndLong, help: "Says what happens.")
    var verbose = false

    func validate() throws {
        for text in listen + connect { _ = try Self.address(text) }
        if initiator && responder {
            throw ValidationError("--initiator and --responder exclude each other")
        }
        if initiator || responder, !listen.isEmpty || !connect.isEmpty {
            throw ValidationError("on TCP it is always the one who dials that speaks first")
        }
        if sparse && full { throw ValidationError("--sparse and --full exclude each other") }
        guard wait >= 0, wait <= 86_400 else {
            throw ValidationError("--wait takes seconds, from 0 to 86400")
        }
    }

    func run() async throws {
        let isPipe = listen.isEmpty && connect.isEmpty
        if isPipe, StandardStreams.isTerminal(0) || StandardStreams.isTerminal(1) {
            throw Failure(
                "sync speaks over standard input and output, and one of them is a terminal: "
                    + "use --listen or --connect, or join two programs by a pipe")
        }
        let drive = try drive.openOrMake()
        defer { drive.close() }
        if sparse || full { try drive.setSparseNow(sparse) }
        let session = SyncSession(
            drive, isOnce: once, isPipe: isPipe, wait: .seconds(wait), isVerbose: verbose)
        if isPipe {
            try await session.run([.pipe(role)])
        } else {
            try await session.run(
                try listen.map { .listen(try Self.address($0)) }
                    + connect.map { .connect(try Self.address($0)) })
        }
    }

    private var role: ReplicationRole {
        initiator ? .initiator : responder ? .responder : .negotiated
    }

    static func address(_ text: String) throws -> NetworkAddress {
        do {
            return try NetworkAddress(parsing: text)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
