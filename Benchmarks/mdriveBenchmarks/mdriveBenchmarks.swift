import Benchmark
import BenchmarkSupport
import BenchmarkWork
import Foundation

/// Whole processes of the release program, as a user runs them.
let benchmarks: @Sendable () -> Void = {
    guard let program = Program.found else {
        let text = "mdrive: build it with `make release`, or say where it is in MDRIVE.\n"
        FileHandle.standardError.write(Data(text.utf8))
        return
    }
    let suite = ModuleBenchmarks(of: "mdrive", metrics: [.wallClock, Program.peakResident])
    suite.add("--version, start to exit") { benchmark in
        try program.run(["--version"], in: benchmark)
    }
    addSmallFiles(to: suite, program)
    addLargeFile(to: suite, program)
}

private func addSmallFiles(to suite: ModuleBenchmarks, _ program: Program) {
    let setUp = {
        let folder = try TemporaryFolder()
        return (folder, try folder.makeTree(fileCount: 10_000, byteCount: 100))
    }
    let setUpDrive = {
        let (folder, tree) = try setUp()
        let drive = folder.next()
        try program.run([drive, "import", tree + "/"])
        return (folder, drive)
    }
    suite.add("import 10k files of 100 B", samples: 5, setUp: setUp) { benchmark, state in
        let (folder, tree) = state
        let drive = folder.next()
        try program.run([drive, "import", tree + "/"], in: benchmark)
        folder.remove(drive)
    }
    suite.add("ls -R of 10k files", samples: 20, setUp: setUpDrive) { benchmark, state in
        try program.run([state.1, "ls", "-R"], in: benchmark)
    }
    suite.add("export 10k files of 100 B", samples: 5, setUp: setUpDrive) { benchmark, state in
        // It stays: ext4 does not reuse inodes at once, and the next sample would pay for it.
        try program.run([state.1, "export", state.0.next()], in: benchmark)
    }
    suite.add(
        "sync --once of 10k files of 100 B into an empty drive", samples: 5, setUp: setUpDrive
    ) { benchmark, state in
        let empty = state.0.next()
        try program.run(
            [state.1, "sync", "--once"], with: [empty, "sync", "--once"], in: benchmark)
        state.0.remove(empty)
    }
    suite.add(
        "sync --once of 10k files when nothing is new", samples: 20,
        setUp: {
            let (folder, drive) = try setUpDrive()
            let other = folder.next()
            try program.run([drive, "sync", "--once"], with: [other, "sync", "--once"])
            return (folder, drive, other)
        }
    ) { benchmark, state in
        try program.run(
            [state.1, "sync", "--once"], with: [state.2, "sync", "--once"], in: benchmark)
    }
}

private func addLargeFile(to suite: ModuleBenchmarks, _ program: Program) {
    let setUp = {
        let folder = try TemporaryFolder()
        return (folder, try folder.makeTree(fileCount: 1, byteCount: 256 << 20))
    }
    let setUpDrive = {
        let (folder, tree) = try setUp()
        let drive = folder.next()
        try program.run([drive, "import", tree + "/"])
        return (folder, drive)
    }
    suite.add("import one file of 256 MiB", samples: 3, setUp: setUp) { benchmark, state in
        let (folder, tree) = state
        let drive = folder.next()
        try program.run([drive, "import", tree + "/"], in: benchmark)
        folder.remove(drive)
    }
    suite.add("cat of 256 MiB", samples: 10, setUp: setUpDrive) { benchmark, state in
        try program.run([state.1, "cat", "0/0"], in: benchmark)
    }
    suite.add(
        "sync --once of 256 MiB into an empty drive", samples: 3, setUp: setUpDrive
    ) { benchmark, state in
        let empty = state.0.next()
        try program.run(
            [state.1, "sync", "--once"], with: [empty, "sync", "--once"], in: benchmark)
        state.0.remove(empty)
    }
}
