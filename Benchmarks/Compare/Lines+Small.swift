import Foundation

/// Many small files.
extension Lines {
    static func importSmall(_ shop: Workshop) throws -> [Row] {
        let tree = try shop.tree(10_000)
        let samples = try Samples.alternating(shop.repetitions) {
            try shop.secondsOfImporting(tree)
        } _: {
            let git = try shop.makeRepository(of: tree)
            shop.settle()
            return try shop.run(git + ["add", "-A"]) + shop.run(git + ["commit", "-qm", "a"])
        }
        return [
            ratio(
                1, "import 10,000 files of 100 B", "git add -A, git commit", samples, reach: 0.2)
        ]
    }

    static func syncSmall(_ shop: Workshop) throws -> [Row] {
        let tree = try shop.tree(10_000)
        let (server, address, _) = try shop.startRsync()
        defer { server.stop() }
        let samples = try shop.serving(shop.drive(10_000)) { _, port in
            try Samples.alternating(shop.repetitions) {
                try shop.secondsOfFetching(port)
            } _: {
                // The copies stay until the end: ext4 does not reuse inodes at once.
                let target = shop.scratch.next()
                shop.settle()
                return try shop.run(
                    ["rsync", "-a", "\(address)\(shop.served(tree))/", target + "/"])
            }
        }
        return [
            ratio(
                2, "sync 10,000 files of 100 B into an empty drive", "rsync -a from its daemon",
                samples, reach: 0.3)
        ]
    }

    static func tenTimesAsMany(_ shop: Workshop) throws -> [Row] {
        let (few, many) = (try shop.drive(10_000), try shop.drive(100_000))
        var peaks: [Double: MemoryPeak] = [:]
        let samples = try shop.serving(few) { small, near in
            try shop.serving(many) { large, far in
                let samples = try Samples.alternating(max(2, shop.repetitions / 2)) {
                    try shop.secondsOfFetching(far)
                } _: {
                    try shop.secondsOfFetching(near)
                }
                for (port, server) in [(near, small), (far, large)] {
                    let child = try shop.dial(shop.scratch.next(), port)
                    let watch = MemoryWatch([child.process, server.process])
                    try child.wait()
                    peaks[Double(port)] = watch.stop()
                }
                return (samples, peaks[Double(near)], peaks[Double(far)])
            }
        }
        let work = "sync 100,000 files"
        guard let small = samples.1, let large = samples.2 else { return [] }
        return [
            ratio(3, work + ", time", "10,000 files", samples.0, reach: 11),
            Row(
                line: 3, work: work + ", resident memory of the larger side", peer: "10,000 files",
                ours: "\(Quantity(large.residentBytes, .mebibytes))",
                theirs: "\(Quantity(small.residentBytes, .mebibytes))",
                value: Quantity(large.residentBytes / small.residentBytes, .times), reach: 1.5),
            Row(
                line: 3, work: work + ", private memory of the larger side", peer: "10,000 files",
                ours: "\(Quantity(large.privateBytes, .mebibytes))",
                theirs: "\(Quantity(small.privateBytes, .mebibytes))",
                value: Quantity(large.privateBytes / small.privateBytes, .times), reach: nil),
        ]
    }

    static func wire(_ shop: Workshop) throws -> [Row] {
        let payload = 10_000.0 * 100
        let bytes = try shop.serving(shop.drive(10_000)) { _, port in
            try shop.bytesOnTheWire(to: port) { relay in
                try shop.dial(shop.scratch.next(), relay).wait()
            }
        }
        let plainBytes = try MemoryWire(
            from: shop.drive(10_000), to: shop.scratch.next()
        ).sync(usesRuns: false)
        func row(_ work: String, _ bytes: Double, reach: Double) -> Row {
            Row(
                line: 7, work: work, peer: "payload", ours: "\(Quantity(bytes, .bytes))",
                theirs: "\(Quantity(payload, .bytes))", value: Quantity(bytes / payload, .times),
                reach: reach, least: nil)
        }
        let work = "bytes on the wire for 10,000 files of 100 B"
        return [
            row(work, bytes, reach: 1.8),
            row(work + ", plain Hypercore messages", plainBytes, reach: 5),
        ]
    }

    static func oneChange(_ shop: Workshop) throws -> [Row] {
        let source = try shop.scratch.copy(shop.drive(10_000))
        let target = shop.scratch.next()
        let content = shop.scratch.next()
        var number = 0
        return try shop.serving(source) { _, port in
            try shop.dial(target, port).wait()
            func change() throws {
                number += 1
                let text = "changed \(number) times" + String(repeating: ".", count: 80)
                try text.prefix(100).write(toFile: content, atomically: true, encoding: .utf8)
                try shop.mdrive(source, "write", "50/50", input: content).wait()
            }
            let bytes = try (0..<3).map { _ in
                try change()
                return try shop.bytesOnTheWire(to: port) { try shop.dial(target, $0).wait() }
            }
            let seconds = try (0..<shop.repetitions * 3).map { _ in
                try change()
                shop.settle()
                return try shop.dial(target, port).wait()
            }
            let work = "one changed file of 10,000: connect, sync, disconnect"
            return [
                plain(8, work + ", bytes", Samples(bytes), .bytes, reach: 4000),
                plain(8, work + ", time", Samples(seconds), .seconds, reach: 0.03),
            ]
        }
    }

    static func list(_ shop: Workshop) throws -> [Row] {
        let git = try shop.makeRepository(of: shop.tree(10_000))
        try shop.run(git + ["add", "-A"])
        let drive = try shop.drive(10_000)
        let samples = try Samples.alternating(shop.repetitions * 4) {
            try shop.mdrive(drive, "ls", "-R").wait()
        } _: {
            try shop.run(git + ["ls-files"])
        }
        return [ratio(10, "ls -R of 10,000 files", "git ls-files", samples, reach: 1.5)]
    }

    static func start(_ shop: Workshop) throws -> [Row] {
        let samples = try Samples.alternating(shop.repetitions * 10) {
            try shop.run([shop.program, "--version"])
        } _: {
            try shop.run(["git", "--version"])
        }
        return [ratio(13, "--version, start to exit", "git --version", samples, reach: 3)]
    }
}
