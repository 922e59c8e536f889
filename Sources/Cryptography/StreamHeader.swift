/// The random bytes that start one direction of an encrypted stream; sent in the clear.
public struct StreamHeader: FixedBytes {
    /// How many bytes every value has.
    public static var byteCount: Int { 24 }

    private var first: UInt64
    private var second: UInt64
    private var third: UInt64

    /// Copies 24 bytes; the caller vouches that they are there.
    public init(unsafeCopying source: UnsafeRawPointer) {
        first = source.loadUnaligned(as: UInt64.self)
        second = source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        third = source.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    }

    /// A new header.
    public static func random(_ randomness: Randomness = .system) -> StreamHeader {
        withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { bytes in
            randomness.fill(bytes)
            return StreamHeader(unsafeCopying: bytes.baseAddress.unsafelyUnwrapped)
        }
    }

    /// Lends the bytes for the time of the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: (first, second, third), body)
    }

    /// Orders values bytewise.
    public static func < (left: StreamHeader, right: StreamHeader) -> Bool {
        (left.first.bigEndian, left.second.bigEndian, left.third.bigEndian)
            < (right.first.bigEndian, right.second.bigEndian, right.third.bigEndian)
    }
}
