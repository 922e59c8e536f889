/// An Ed25519 signature.
public struct Signature: FixedBytes {
    /// How many bytes every value has.
    public static var byteCount: Int { 64 }

    let words: Words64

    init(words: Words64) { self.words = words }

    /// Copies 64 bytes; the caller vouches that they are there.
    public init(unsafeCopying source: UnsafeRawPointer) { words = Words64(source) }

    /// Lends the bytes for the time of the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// Orders values bytewise.
    public static func < (left: Signature, right: Signature) -> Bool { left.words < right.words }
}
