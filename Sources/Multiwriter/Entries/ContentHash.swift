public import Cryptography

/// What a writer claims a file's content to be: half of the tree hash that its blocks would have
/// in a feed of their own.
///
/// It is a claim until the content is here; two entries that make the same one are shown as one.
public struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    /// The number of bytes.
    public static let byteCount = 16

    /// The bytes.
    public let bytes: [UInt8]

    /// Takes the first half of a tree hash.
    public init(treeHash: Digest) {
        bytes = treeHash.withUnsafeBytes { Array($0.prefix(Self.byteCount)) }
    }

    /// Reads 26 characters of z-base-32, `nil` for anything else.
    public init?(text: String) {
        guard text.utf8.count == 26, let bytes = ZBase32.decode(text),
            bytes.count == Self.byteCount
        else { return nil }
        self.bytes = bytes
    }

    /// The bytes as 26 characters of z-base-32.
    public var description: String { ZBase32.encode(bytes) }
}
