/// Makes the hash of a whole tree from its roots, given from left to right.
public struct TreeHasher {
    private var hasher: BLAKE2bHasher

    /// Begins with no roots.
    public init() {
        hasher = BLAKE2bHasher()
        hasher.update(byte: 2)
    }

    /// Adds the next root.
    public mutating func add(hash: Digest, index: UInt64, size: UInt64) {
        hasher.update(hash)
        hasher.update(littleEndian: index)
        hasher.update(littleEndian: size)
    }

    /// The tree hash, and the end of this hasher.
    public mutating func finalize() -> Digest { hasher.finalize() }
}
