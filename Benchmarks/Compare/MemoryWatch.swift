import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a process had in memory at the most.
struct MemoryPeak {
    /// Memory of its own: heap and stacks.
    var privateBytes = 0.0
    /// The same with the pages of mapped files: programs, libraries and the store.
    var residentBytes = 0.0

    static func max(_ one: Self, _ other: Self) -> Self {
        Self(
            privateBytes: Swift.max(one.privateBytes, other.privateBytes),
            residentBytes: Swift.max(one.residentBytes, other.residentBytes))
    }
}

/// Looks about four thousand times a second at what /proc says of processes.
///
/// The kernel keeps the peak of all resident pages; the peak of private ones is of the looks.
final class MemoryWatch: Sendable {
    private let processes: [pid_t]
    private let state = Mutex((peak: MemoryPeak(), isOver: false))
    private let done = DispatchSemaphore(value: 0)

    init(_ processes: [pid_t]) {
        self.processes = processes
        DispatchQueue(label: "memory").async { [self] in
            while !state.withLock({ $0.isOver }) {
                for process in processes { look(at: process) }
                usleep(250)
            }
            done.signal()
        }
    }

    /// Ends the watch; the processes may have ended before.
    func stop() -> MemoryPeak {
        state.withLock { $0.isOver = true }
        done.wait()
        return state.withLock { $0.peak }
    }

    private func look(at process: pid_t) {
        let file = open("/proc/\(process)/status", O_RDONLY)
        guard file >= 0 else { return }
        defer { close(file) }
        let text = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            let count = read(file, buffer.baseAddress, buffer.count)
            return String(decoding: buffer.prefix(Swift.max(0, count)), as: UTF8.self)
        }
        var found = MemoryPeak()
        for line in text.split(separator: "\n") {
            if line.hasPrefix("RssAnon:") { found.privateBytes = Self.bytes(line) }
            if line.hasPrefix("VmHWM:") { found.residentBytes = Self.bytes(line) }
        }
        state.withLock { $0.peak = .max($0.peak, found) }
    }

    /// The number of a line as "VmHWM:    1234 kB".
    private static func bytes(_ line: Substring) -> Double {
        1024 * (Double(line.filter(\.isNumber)) ?? 0)
    }
}
