public import Cryptography

/// What the blocks of a blob hash to: the first 16 bytes of the tree hash that they would have as a
/// feed of their own.
///
/// The leaves are the same as in the content feed, so it costs no second pass over the bytes. The
/// same bytes cut into other blocks have another hash.
public struct ContentHash: Hashable, Sendable {
    /// How many bytes every hash has.
    public static let byteCount = 16

    private let high: UInt64
    private let low: UInt64

    /// Takes 16 bytes, `nil` for any other number.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (position, byte) in bytes.enumerated() {
            if position < 8 {
                words.0 = words.0 << 8 | UInt64(byte)
            } else {
                words.1 = words.1 << 8 | UInt64(byte)
            }
        }
        (high, low) = words
    }

    /// Takes the 16 bytes as one number, the first byte being the most significant.
    package init(bits: UInt128) {
        high = UInt64(truncatingIfNeeded: bits >> 64)
        low = UInt64(truncatingIfNeeded: bits)
    }

    /// The 16 bytes as one number, the first byte being the most significant.
    package var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// Shortens the tree hash of a feed.
    public init(treeHash: Digest) {
        (high, low) = treeHash.withUnsafeBytes { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    /// The hash of content without blocks.
    public static let empty = ContentHash(treeHash: TreeHasher.emptyTree)

    /// The 16 bytes.
    public var bytes: [UInt8] {
        [high, low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
        }
    }

    /// The 16 bytes as lower-case hexadecimal digits.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}

extension ContentHash: CustomStringConvertible {
    /// The same as `hexadecimal`.
    public var description: String { hexadecimal }
}

extension TreeHasher {
    fileprivate static var emptyTree: Digest {
        var hasher = TreeHasher()
        return hasher.finalize()
    }
}
