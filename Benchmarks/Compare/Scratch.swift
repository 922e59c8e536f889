import BenchmarkWork
import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where everything that is measured stands, until the measuring ends.
final class Scratch {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        Cleanup.folder = folder.path
    }

    /// A path at which nothing is yet.
    func next() -> String { folder.next() }

    /// Removes something before the whole goes.
    func remove(_ path: String) { folder.remove(path) }

    /// The bytes that a folder takes on the disk.
    func byteCount(of path: String) throws -> Double {
        let names = try FileManager.default.subpathsOfDirectory(atPath: path)
        return names.reduce(0) { sum, name in
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0 else { return sum }
            return sum + Double(status.st_blocks) * 512
        }
    }

    /// Copies a drive that nobody has open.
    func copy(_ path: String) throws -> String {
        let target = next()
        try FileManager.default.copyItem(atPath: path, toPath: target)
        return target
    }

    /// The median of the seconds in which the machine makes a small append durable.
    func syncSeconds(count: Int) throws -> Double {
        let path = next()
        defer { remove(path) }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard file >= 0 else { throw Child.Failure(description: "\(path) cannot be made") }
        defer { close(file) }
        let page = [UInt8](repeating: 1, count: 4096)
        return Samples(
            (0..<count).map { _ in
                let start = ContinuousClock.now
                _ = write(file, page, page.count)
                _ = fsync(file)
                return (ContinuousClock.now - start).seconds
            }
        ).median
    }
}

/// What must not be left behind, however the program ends.
enum Cleanup {
    private static let processes = Mutex<Set<pid_t>>([])
    private static let place = Mutex<String?>(nil)
    private static let gate = DispatchSemaphore(value: 1)

    static var folder: String? {
        get { place.withLock { $0 } }
        set { place.withLock { $0 = newValue } }
    }

    static func add(_ process: pid_t) { processes.withLock { _ = $0.insert(process) } }
    static func remove(_ process: pid_t) { processes.withLock { _ = $0.remove(process) } }

    /// Ends what was started, removes the folder, and ends the program.
    ///
    /// Only one thread comes so far: two that remove one folder get in each other's way.
    static func end(_ code: Int32) -> Never {
        gate.wait()
        for process in processes.withLock({ $0 }) { kill(process, SIGKILL) }
        if let folder {
            // Another thread or a dying process may still put something into it.
            for _ in 0..<50 where FileManager.default.fileExists(atPath: folder) {
                do {
                    try FileManager.default.removeItem(atPath: folder)
                } catch {
                    usleep(20_000)
                }
            }
        }
        exit(code)
    }

    /// Does so when the program is interrupted; the result must be kept.
    static func onInterruption() -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                end(128 + number)
            }
            source.activate()
            return source
        }
    }
}
