/// The key of a feed: the hash of its manifest, or the public key of its writer in compat mode.
public struct FeedKey: FixedBytes {
    /// How many bytes every value has.
    public static var byteCount: Int { 32 }

    let words: Words32

    init(words: Words32) { self.words = words }

    /// Copies 32 bytes; the caller vouches that they are there.
    public init(unsafeCopying source: UnsafeRawPointer) { words = Words32(source) }

    /// Lends the bytes for the time of the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// Orders values bytewise.
    public static func < (left: FeedKey, right: FeedKey) -> Bool { left.words < right.words }
}

extension FeedKey {
    /// The key of a feed in compat mode.
    public init(_ publicKey: PublicKey) { words = publicKey.words }

    /// The key of a feed whose manifest has this hash.
    public init(_ digest: Digest) { words = digest.words }

    /// Reads 52 characters of z-base-32, 64 hexadecimal digits, or `pear://` and one of them.
    ///
    /// Behind `pear://` whatever follows the next slash is left aside.
    public init(parsing text: String) throws(KeyParsingError) {
        var id = text[...]
        if id.hasPrefix("pear://") {
            id = id.dropFirst(7).prefix { $0 != "/" }
        }
        let bytes: [UInt8]?
        switch id.utf8.count {
        case 52: bytes = ZBase32.decode(id)
        case 64: bytes = Hexadecimal.decode(id)
        default: throw .length
        }
        guard let bytes, let key = FeedKey(bytes) else { throw .character }
        self = key
    }

    /// The key as 52 characters of z-base-32.
    public var id: String { withUnsafeBytes { ZBase32.encode($0) } }

    /// The name of the feed on the wire.
    public var discoveryKey: DiscoveryKey {
        var hasher = withUnsafeBytes { BLAKE2bHasher(key: $0) }
        hasher.update(utf8: "hypercore")
        return DiscoveryKey(words: hasher.finalize().words)
    }
}
