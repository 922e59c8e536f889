import BenchmarkWork
import Foundation

/// One large file, and what a drive takes of disk and memory.
extension Lines {
    static func importLarge(_ shop: Workshop) throws -> [Row] {
        let folder = try shop.bigFolder()
        let file = folder + "/0/0"
        let samples = try Samples.alternating(shop.repetitions) {
            try shop.secondsOfImporting(folder)
        } _: {
            let copy = shop.scratch.next()
            shop.settle()
            let seconds =
                try shop.run(["b2sum", "-l", "256", file]) + shop.run(["cp", file, copy])
                + shop.run(["sync", copy])
            shop.scratch.remove(copy)
            return seconds
        }
        return [
            ratio(
                4, "import a file of 256 MiB", "b2sum -l 256, cp, sync", samples, reach: 0.8,
                least: 1.1)
        ]
    }

    static func syncLarge(_ shop: Workshop) throws -> [Row] {
        let folder = try shop.bigFolder()
        let (server, address, _) = try shop.startRsync()
        defer { server.stop() }
        func rsync(_ options: String...) throws -> Double {
            let target = shop.scratch.next()
            shop.settle()
            let seconds = try shop.run(
                ["rsync", "-a"] + options + ["\(address)\(shop.served(folder))/", target + "/"])
            shop.scratch.remove(target)
            return seconds
        }
        return try shop.serving(shop.bigFileDrive()) { _, port in
            let durable = try Samples.alternating(shop.repetitions) {
                try shop.secondsOfFetching(port)
            } _: {
                try rsync("--fsync")
            }
            let loose = try Samples((0..<shop.repetitions).map { _ in try rsync() })
            let work = "sync a file of 256 MiB, durable on arrival"
            return [
                ratio(
                    5, work, "rsync -a --fsync from its daemon", durable, reach: 1, least: 1.3),
                ratio(
                    5, work, "rsync -a, not durable", (durable.ours, loose), reach: nil),
            ]
        }
    }

    static func catLarge(_ shop: Workshop) throws -> [Row] {
        let drive = try shop.bigFileDrive()
        let file = try shop.bigFolder() + "/0/0"
        let samples = try Samples.alternating(shop.repetitions * 2) {
            try intoPipe { try shop.mdrive(drive, "cat", "0/0", output: $0) }
        } _: {
            try intoPipe { try Child(["cat", file], output: $0, in: shop.scratch) }
        }
        return [
            ratio(
                6, "cat a file of 256 MiB, verified at its arrival, into a pipe", "cat", samples,
                reach: 2)
        ]
    }

    /// Starts a program that writes into a pipe, reads all of it, and returns how long it ran.
    private static func intoPipe(_ start: (Int32) throws -> Child) throws -> Double {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Child.Failure(description: "no pipe: \(errno)") }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child = try start(ends[1])
        close(ends[1])
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)
        defer { buffer.deallocate() }
        var total = 0
        while true {
            let count = read(ends[0], buffer.baseAddress, buffer.count)
            guard count > 0 else { break }
            total += count
        }
        let seconds = try child.wait()
        guard total == Workshop.bigByteCount else {
            throw Child.Failure(description: "\(total) bytes came out of the pipe")
        }
        return seconds
    }

    static func stores(_ shop: Workshop) throws -> [Row] {
        let cases: [(name: String, drive: String, payload: Double, reach: Double)] = [
            ("10,000 files of 100 B", try shop.drive(10_000), 1e6, 4),
            ("a file of 256 MiB", try shop.bigFileDrive(), Double(Workshop.bigByteCount), 1.02),
        ]
        return try cases.flatMap { name, drive, payload, reach in
            let fetched = shop.scratch.next()
            try shop.serving(drive) { _, port in _ = try shop.dial(fetched, port).wait() }
            defer { shop.scratch.remove(fetched) }
            return try [("imported", drive), ("fetched", fetched)].map { way, drive in
                let bytes = try shop.scratch.byteCount(of: drive)
                return Row(
                    line: 12, work: "disk for \(name), \(way)", peer: "payload",
                    ours: "\(Quantity(bytes, .bytes))", theirs: "\(Quantity(payload, .bytes))",
                    value: Quantity(bytes / payload, .times), reach: reach)
            }
        }
    }
}
