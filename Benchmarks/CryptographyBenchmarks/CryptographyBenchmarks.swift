import Benchmark
import BenchmarkSupport
import BenchmarkWork
import Cryptography

let benchmarks: @Sendable () -> Void = {
    let suite = ModuleBenchmarks(of: "Cryptography")
    addHashing(to: suite)
    addSigning(to: suite)
    addEncryption(to: suite)
}

/// What takes long is not repeated in a sample, so that samples stay short and some undisturbed.
private var sizes: [(name: String, byteCount: Int, scaling: ModuleBenchmarks.Scaling)] {
    [("64 B", 64, .kilo), ("64 KiB", 65536, .one)]
}

private func addHashing(to suite: ModuleBenchmarks) {
    var random = RandomBytes()
    for (name, byteCount, scaling) in sizes {
        let bytes = random.next(count: byteCount)
        suite.add("BLAKE2b-256 of \(name)", scaling: scaling) { benchmark in
            for _ in benchmark.scaledIterations { blackHole(Digest.hash(of: bytes)) }
        }
        suite.add("leaf hash of \(name)", scaling: scaling) { benchmark in
            bytes.withUnsafeBytes { bytes in
                for _ in benchmark.scaledIterations { blackHole(Digest.leaf(bytes)) }
            }
        }
    }
    let (left, right) = (Digest.hash(ofUTF8: "left"), Digest.hash(ofUTF8: "right"))
    suite.add("parent hash", scaling: .kilo) { benchmark in
        for _ in benchmark.scaledIterations {
            blackHole(Digest.parent(size: 128, left: left, right: right))
        }
    }
}

private func addSigning(to suite: ModuleBenchmarks) {
    let keyPair = KeyPair(seed: [UInt8](repeating: 7, count: KeyPair.seedByteCount))
    let message = [UInt8](repeating: 1, count: 112)
    let signature = keyPair.sign(message)
    suite.add("sign a head") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(keyPair.sign(message)) }
    }
    suite.add("verify a head") { benchmark in
        for _ in benchmark.scaledIterations {
            blackHole(keyPair.publicKey.isValid(signature, for: message))
        }
    }
    let primaryKey = PrimaryKey.random(.seeded(1))
    suite.add("derive a key pair by name") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(primaryKey.keyPair(named: "db")) }
    }
    let id = FeedKey(keyPair.publicKey).id
    suite.add("read a key of 52 characters", scaling: .kilo) { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try FeedKey(parsing: id)) }
    }
}

private func addEncryption(to suite: ModuleBenchmarks) {
    var random = RandomBytes()
    let key = random.next(count: 32)
    let cipher = key.withUnsafeBytes { BlockCipher(blockKey: $0) }
    for (name, byteCount, scaling) in sizes {
        let block = random.next(count: byteCount)
        let stored = cipher.encrypt(block: block, index: 1, fork: 0)
        suite.add("encrypt a block of \(name)", scaling: scaling) { benchmark in
            for _ in benchmark.scaledIterations {
                blackHole(cipher.encrypt(block: block, index: 1, fork: 0))
            }
        }
        suite.add("decrypt a block of \(name)", scaling: scaling) { benchmark in
            for _ in benchmark.scaledIterations {
                blackHole(try cipher.decrypt(block: stored, index: 1))
            }
        }
    }
}
