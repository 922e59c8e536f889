import Benchmark
import BenchmarkSupport
import BenchmarkWork
import Feeds
import Multiwriter

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "Multiwriter")
    addView(to: suite)
    addContent(to: suite)
    addFolders(to: suite)
    addSync(to: suite)
}

private func addView(to suite: ModuleBenchmarks) {
    for (writerCount, fileCount) in [(1, 3000), (3, 1000), (100, 30)] {
        let setUp: () async throws -> Shared = {
            try await Shared(writerCount: writerCount, fileCount: fileCount)
        }
        let suffix = writerCount == 1 ? "1 writer" : "\(writerCount) writers"
        suite.addAsync("list 3k files of \(suffix)", samples: 50, setUp: setUp) { _, shared in
            var count = 0
            try shared.drive.forEachEntry { _ in count += 1 }
            blackHole(count)
        }
        suite.addAsync(
            "look up a path of 3k of \(suffix)", scaling: .kilo, samples: 20, setUp: setUp
        ) { benchmark, shared in
            for number in benchmark.scaledIterations {
                let path = shared.paths[number * 7 % shared.paths.count]
                blackHole(try shared.drive.entryNow(at: path))
            }
        }
    }
    suite.addAsync(
        "list 1k paths that 3 writers have in conflict", samples: 50,
        setUp: { try await Shared(writerCount: 3, fileCount: 1000, isConflicting: true) }
    ) { _, shared in
        var count = 0
        try shared.drive.forEachEntry { count += $0.versions.count }
        blackHole(count)
    }
}

private func addContent(to suite: ModuleBenchmarks) {
    var random = RandomBytes()
    let small = random.next(count: 100)
    let piece = random.next(count: 65536)
    for (name, durability) in [
        ("fsync", FeedStoreOptions.Durability.powerCut), ("no fsync", .processCrash),
    ] {
        let setUp = {
            let sample = try Sample(durability)
            return (sample, try sample.makeDrive())
        }
        suite.add("write a file of 100 B, \(name)", samples: 500, setUp: setUp) {
            benchmark, state in
            try state.1.writeNow(small, to: "folder/file \(benchmark.currentIteration)")
        }
        suite.add("write a file of 64 MiB, \(name)", samples: 10, setUp: setUp) {
            benchmark, state in
            try state.1.writeNow(piece, times: 1024, to: "large \(benchmark.currentIteration)")
        }
    }
    suite.add(
        "read a file of 64 MiB, warm", samples: 50,
        setUp: {
            let sample = try Sample(.processCrash)
            let drive = try sample.makeDrive()
            try drive.writeNow(piece, times: 1024, to: "large")
            return (sample, drive)
        }
    ) { _, state in
        let drive = state.1
        var reader = try drive.readerNow(of: EntryReference(name: "large", link: drive.link))
        var total: UInt64 = 0
        try reader.forEachPiece { total &+= sum(of: $0) }
        blackHole(total)
    }
}

private func addFolders(to suite: ModuleBenchmarks) {
    let cases: [(name: String, fileCount: Int, byteCount: Int)] = [
        ("1k files of 100 B", 1000, 100), ("one file of 64 MiB", 1, 64 << 20),
    ]
    for (name, fileCount, byteCount) in cases {
        let setUp = {
            let sample = try Sample(.powerCut)
            let tree = try sample.folder.makeTree(fileCount: fileCount, byteCount: byteCount)
            return (sample, tree)
        }
        suite.add("import \(name), fsync", samples: 10, setUp: setUp) { benchmark, state in
            let drive = try state.0.makeDrive()
            benchmark.startMeasurement()
            try drive.importAll(of: state.1)
            benchmark.stopMeasurement()
            state.0.removeAll([drive.path])
        }
        suite.add(
            "import \(name) again, all unchanged", samples: 50,
            setUp: { () -> (Sample, String, Drive) in
                let (sample, tree) = try setUp()
                let drive = try sample.makeDrive()
                try drive.importAll(of: tree)
                return (sample, tree, drive)
            }
        ) { _, state in
            try state.2.importAll(of: state.1)
        }
        suite.add(
            "export \(name)", samples: 10,
            setUp: { () -> (Sample, Drive) in
                let (sample, tree) = try setUp()
                let drive = try sample.makeDrive()
                try drive.importAll(of: tree)
                return (sample, drive)
            }
        ) { benchmark, state in
            let target = state.0.folder.next()
            benchmark.startMeasurement()
            blackHole(try state.1.exportFolder(to: target))
            // Removing it here would slow the next sample: ext4 does not reuse inodes at once.
            benchmark.stopMeasurement()
        }
    }
}

private func addSync(to suite: ModuleBenchmarks) {
    let cases: [(name: String, fileCount: Int, byteCount: Int)] = [
        ("1k files of 100 B", 1000, 100), ("one file of 64 MiB", 1, 64 << 20),
    ]
    for (name, fileCount, byteCount) in cases {
        suite.addAsync(
            "sync \(name) in memory, no fsync", samples: 10,
            setUp: {
                let sample = try Sample(.processCrash)
                let tree = try sample.folder.makeTree(fileCount: fileCount, byteCount: byteCount)
                return (sample, tree)
            }
        ) { benchmark, state in
            let (left, right) = (try state.0.makeDrive(), try state.0.makeDrive())
            try left.importAll(of: state.1)
            benchmark.startMeasurement()
            try await sync(left, right)
            benchmark.stopMeasurement()
            state.0.removeAll([left.path, right.path])
        }
    }
    suite.addAsync(
        "sync when nothing is new, 3k files", samples: 50,
        setUp: {
            let shared = try await Shared(writerCount: 1, fileCount: 3000)
            let other = try shared.sample.makeDrive()
            try await sync(shared.drive, other)
            return (shared, other)
        }
    ) { _, state in
        try await sync(state.0.drive, state.1)
    }
    suite.add(
        "open a drive of 3k files, and close it", samples: 100,
        setUp: { () -> (Sample, String) in
            let sample = try Sample(.processCrash)
            let tree = try sample.folder.makeTree(fileCount: 3000, byteCount: 100)
            let drive = try sample.makeDrive()
            try drive.importAll(of: tree)
            // While it is open, another opening would share what is there.
            sample.removeAll([tree])
            return (sample, drive.path)
        }
    ) { _, state in
        let drive = try Drive.open(at: state.1, options: .mustExist)
        blackHole(drive.link)
        drive.close()
    }
}
