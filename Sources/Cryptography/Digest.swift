/// A BLAKE2b hash of 32 bytes.
public struct Digest: FixedBytes {
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
    public static func < (left: Digest, right: Digest) -> Bool { left.words < right.words }
}

extension Digest {
    /// 32 zero bytes.
    public static let zero = Digest(words: Words32())
}
