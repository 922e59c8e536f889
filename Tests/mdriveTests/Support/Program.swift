import Foundation
import Synchronization

/// The built program, which stands beside the test bundle.
enum Program {
    static let path: String = {
        if let given = ProcessInfo.processInfo.environment["MDRIVE_PROGRAM"] { return given }
        var folder = URL(fileURLWithPath: imagePath()).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("mdrive").path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder),
                !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: candidate)
            {
                return candidate
            }
            folder.deleteLastPathComponent()
        }
        return "mdrive"
    }()

    /// The file that holds this very code.
    private static func imagePath() -> String {
        // On some systems a helper loads the bundle, which it is told by an argument.
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") }
        let path = bundle ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
        return path.hasPrefix("/")
            ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}

/// How a process has ended.
enum Ending: Equatable, CustomStringConvertible {
    case exit(Int32)
    case signal(Int32)

    init(status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
    }

    var description: String {
        switch self {
        case .exit(let code): "exit \(code)"
        case .signal(let number): "signal \(number)"
        }
    }
}

/// What a program that has ended left behind.
struct Outcome: CustomStringConvertible {
    let ending: Ending
    let output: [UInt8]
    let errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
    var lines: [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
    var errorLines: [Substring] { errors.split(separator: "\n") }
    var description: String { "\(ending)\n\(text.prefix(2000))\n\(errors)" }
}

/// A process of ours that runs.
final class RunningProgram: Sendable {
    let identifier: pid_t
    private struct State {
        var ending: Ending?
        var waiters: [CheckedContinuation<Ending, Never>] = []
    }
    private let state: Mutex<State>

    /// Starts a program with the three descriptors given.
    init(
        _ words: [String], in folder: String, input: Descriptor, output: Descriptor,
        errors: Descriptor
    ) throws {
        var actions = SpawnActions()
        defer { actions.destroy() }
        actions.add(input.number, output.number, errors.number)
        var attributes = SpawnAttributes()
        defer { attributes.destroy() }
        attributes.resetSignals()
        var process: pid_t = 0
        // The shell changes the folder and becomes the program, with the same number.
        let words = ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, folder] + words
        let arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        let result = Descriptor.withoutLeaks {
            posix_spawn(&process, words[0], &actions.raw, &attributes.raw, arguments, environ)
        }
        withExtendedLifetime((input, output, errors)) {}
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: result) ?? .EIO) }
        identifier = process
        state = Mutex(State())
        Thread.detachNewThread { self.reap() }
        // A test that hangs is worse than one that fails.
        DispatchQueue.global().asyncAfter(deadline: .now() + 240) { [weak self] in
            self?.send(SIGKILL)
        }
    }

    private func reap() {
        var status: Int32 = 0
        // The number stays ours until the state says that it is not.
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0 {}
        let waiters = state.withLock { state in
            while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
            state.ending = Ending(status: status)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: Ending(status: status)) }
    }

    var hasEnded: Bool { state.withLock { $0.ending != nil } }

    /// Sends a signal, unless the process is over.
    func send(_ signal: Int32) {
        state.withLock { state in
            if state.ending == nil { kill(identifier, signal) }
        }
    }

    /// Waits for the end.
    func finished() async -> Ending {
        await withCheckedContinuation { continuation in
            let ending = state.withLock { state in
                if state.ending == nil { state.waiters.append(continuation) }
                return state.ending
            }
            if let ending { continuation.resume(returning: ending) }
        }
    }
}
