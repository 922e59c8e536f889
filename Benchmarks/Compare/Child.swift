import BenchmarkWork
import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A program that runs as a process of its own.
struct Child {
    let process: pid_t
    private let name: String
    private let start: ContinuousClock.Instant
    /// Where its standard error goes.
    private let complaints: String

    typealias Failure = ProgramFailure

    /// Starts a program that is looked for as a shell does; what it has nothing for is /dev/null.
    init(
        _ command: [String], input: String = "/dev/null", output: Int32? = nil, in scratch: Scratch
    ) throws {
        complaints = scratch.next()
        name = command.joined(separator: " ")
        let complaints = complaints
        start = ContinuousClock.now
        process = try spawn(command) { actions in
            posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
            if let output {
                posix_spawn_file_actions_adddup2(&actions, output, 1)
            } else {
                posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
            }
            posix_spawn_file_actions_addopen(&actions, 2, complaints, O_WRONLY | O_CREAT, 0o600)
        }
        Cleanup.add(process)
    }

    /// Waits for the end; returns the seconds since the start.
    @discardableResult func wait() throws -> Double {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw Failure(description: "\(name) is not a child") }
        }
        let duration = ContinuousClock.now - start
        Cleanup.remove(process)
        guard status == 0 else {
            throw Failure(description: "\(name) failed with \(status):\n\(said)")
        }
        return duration.seconds
    }

    /// Ends it as an interruption does, and waits until it has gone.
    func stop() {
        kill(process, SIGTERM)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        Cleanup.remove(process)
    }

    /// What it has written to standard error.
    var said: String { (try? String(contentsOfFile: complaints, encoding: .utf8)) ?? "" }

    /// Waits until it has said something that begins so; returns the rest of the line.
    func heard(_ beginning: String) throws -> String {
        for _ in 0..<5000 {
            for line in said.split(separator: "\n") where line.hasPrefix(beginning) {
                if said.hasSuffix("\n") { return String(line.dropFirst(beginning.count)) }
            }
            usleep(1000)
        }
        throw Failure(description: "\(name) did not say '\(beginning)' but:\n\(said)")
    }
}

extension Duration {
    /// The same as a number.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
