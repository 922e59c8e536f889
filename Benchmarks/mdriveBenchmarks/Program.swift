import Benchmark
import BenchmarkWork
import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The program, run as a process of its own.
struct Program: Sendable {
    let path: String

    /// The largest memory that any process of a sample had, mapped pages included.
    static let peakResident = BenchmarkMetric.custom(
        "Memory of the program (resident peak, MiB)", useScalingFactor: false)

    typealias Failure = ProgramFailure

    /// The release build beside the benchmarks, or what `MDRIVE` says.
    static var found: Program? {
        let given = ProcessInfo.processInfo.environment["MDRIVE"]
        let path = given ?? "../.build/release/mdrive"
        return access(path, X_OK) == 0 ? Program(path: path) : nil
    }

    /// Runs the program once; what it prints is dropped.
    func run(_ arguments: [String], in benchmark: Benchmark? = nil) throws {
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        benchmark?.startMeasurement()
        let process = try start(arguments, input: null, output: null)
        let peak = try wait(for: process, arguments)
        benchmark?.stopMeasurement()
        benchmark?.measurement(Self.peakResident, peak)
    }

    /// Runs the program twice, the two joined by a socket in the place of their standard streams.
    func run(
        _ arguments: [String], with others: [String], in benchmark: Benchmark? = nil
    ) throws {
        var ends: [Int32] = [0, 0]
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw Failure(description: "no socket pair: \(errno)")
        }
        // Each process must have its own end alone, or the other's hanging up is never seen.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        benchmark?.startMeasurement()
        let one = try start(arguments, input: ends[0], output: ends[0])
        let other = try start(others, input: ends[1], output: ends[1])
        for end in ends { close(end) }
        let peaks = [try wait(for: one, arguments), try wait(for: other, others)]
        benchmark?.stopMeasurement()
        benchmark?.measurement(Self.peakResident, peaks.max() ?? 0)
    }

    private func start(_ arguments: [String], input: Int32, output: Int32) throws -> pid_t {
        try spawn([path] + arguments) { actions in
            posix_spawn_file_actions_adddup2(&actions, input, 0)
            posix_spawn_file_actions_adddup2(&actions, output, 1)
        }
    }

    /// Waits for the end; returns the peak of the resident memory in MiB.
    private func wait(for process: pid_t, _ arguments: [String]) throws -> Int {
        var status: Int32 = 0
        var usage = rusage()
        guard wait4(process, &status, 0, &usage) == process, status == 0 else {
            throw Failure(
                description: "\(arguments.joined(separator: " ")) failed with \(status)")
        }
        #if canImport(Glibc)
            return usage.ru_maxrss / 1024
        #else
            return usage.ru_maxrss / 1_048_576
        #endif
    }
}
