import Benchmark
import BenchmarkSupport
import DriveNetworking
import Logging
import Multiwriter

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "DriveNetworking")
    let cases: [(name: String, fileCount: Int, byteCount: Int)] = [
        ("1k files of 100 B", 1000, 100), ("10k files of 100 B", 10_000, 100),
        ("one file of 64 MiB", 1, 64 << 20),
    ]
    for (name, fileCount, byteCount) in cases {
        for way in [Way.tcp, .pipe] {
            suite.addAsync(
                "sync \(name) over \(way), fsync", samples: 8,
                setUp: { try Sample(fileCount: fileCount, byteCount: byteCount) }
            ) { benchmark, sample in
                let (left, right) = try sample.makeDrives()
                benchmark.startMeasurement()
                try await sync(left, right, over: way)
                benchmark.stopMeasurement()
                sample.remove([left, right])
            }
        }
    }
    suite.addAsync(
        "sync over TCP when nothing is new, 10k files", samples: 50,
        setUp: {
            let sample = try Sample(fileCount: 10_000, byteCount: 100)
            let (left, right) = try sample.makeDrives()
            try await sync(left, right, over: .tcp)
            return (sample, left, right)
        }
    ) { _, state in
        try await sync(state.1, state.2, over: .tcp)
    }
    suite.addAsync(
        "write here until read there, live over TCP, fsync", samples: 300,
        setUp: { try await LivePair() }
    ) { benchmark, pair in
        try await pair.write("file \(benchmark.currentIteration)")
    }
}
