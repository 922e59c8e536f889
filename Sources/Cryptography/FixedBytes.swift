/// A public value of a fixed number of bytes, held inline and ordered bytewise.
///
/// Secrets are never of such a type: they are not copied freely and not printed.
public protocol FixedBytes: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// How many bytes every value has.
    static var byteCount: Int { get }

    /// Copies `byteCount` bytes; the caller vouches that they are there.
    init(unsafeCopying source: UnsafeRawPointer)

    /// Lends the bytes for the time of the call.
    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result
}

extension FixedBytes {
    /// Copies the bytes of a buffer, `nil` if there are not exactly `byteCount`.
    @inlinable
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount, let base = bytes.baseAddress else { return nil }
        self.init(unsafeCopying: base)
    }

    /// Copies the bytes of a collection, `nil` if there are not exactly `byteCount`.
    @inlinable
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        let array = Array(bytes)
        let value = array.withUnsafeBytes { buffer in
            buffer.baseAddress.map { Self(unsafeCopying: $0) }
        }
        guard let value else { return nil }
        self = value
    }

    /// Reads hexadecimal digits of either case, `nil` if they do not make `byteCount` bytes.
    public init?(hexadecimal text: some StringProtocol) {
        guard let bytes = Hexadecimal.decode(text) else { return nil }
        self.init(bytes)
    }

    /// A copy of the bytes.
    @inlinable
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// The bytes as lower-case hexadecimal digits.
    public var hexadecimal: String { withUnsafeBytes { Hexadecimal.encode($0) } }

    /// The same as `hexadecimal`.
    public var description: String { hexadecimal }

    /// Compares in a time that does not depend on where the bytes differ.
    public func isEqualInConstantTime(to other: Self) -> Bool {
        withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                Cryptography.isEqualInConstantTime(left, right)
            }
        }
    }
}
