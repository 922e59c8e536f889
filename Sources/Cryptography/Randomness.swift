import CSodium
import Synchronization

/// A source of random bytes, handed to whatever needs some, so that a simulation can repeat itself.
public struct Randomness: Sendable {
    private let write: @Sendable (UnsafeMutableRawBufferPointer) -> Void

    /// A source that asks a function.
    public init(_ write: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void) {
        self.write = write
    }

    /// The source of the operating system, the only one for real keys.
    public static let system = Randomness { buffer in
        guard let base = buffer.baseAddress else { return }
        Sodium.start()
        randombytes_buf(base, buffer.count)
    }

    /// A source that gives the same bytes for the same seed, for simulations and tests.
    public static func seeded(_ seed: UInt64) -> Randomness {
        let count = SeededCount()
        return Randomness { buffer in
            guard let base = buffer.baseAddress else { return }
            var hasher = BLAKE2bHasher()
            hasher.update(littleEndian: seed)
            hasher.update(littleEndian: count.next())
            hasher.finalize().withUnsafeBytes { key in
                guard let key = key.octets else { return }
                randombytes_buf_deterministic(base, buffer.count, key)
            }
        }
    }

    /// Fills a buffer.
    public func fill(_ buffer: UnsafeMutableRawBufferPointer) { write(buffer) }

    /// Some random bytes, for what is not secret.
    public func bytes(count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            write(UnsafeMutableRawBufferPointer(buffer))
            initializedCount = count
        }
    }

    /// A random number.
    public func uint64() -> UInt64 {
        var value: UInt64 = 0
        withUnsafeMutableBytes(of: &value) { write($0) }
        return value
    }
}

private final class SeededCount: Sendable {
    private let count = Mutex<UInt64>(0)

    func next() -> UInt64 {
        count.withLock { count in
            count &+= 1
            return count
        }
    }
}
