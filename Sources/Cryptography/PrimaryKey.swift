/// The secret of a store, from which the key pairs of all its own feeds follow.
public final class PrimaryKey: Sendable {
    /// How many bytes a primary key has.
    public static let byteCount = 32

    private let secret: SecretBytes

    /// Copies 32 bytes, `nil` for any other number; the caller should wipe the original.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        secret = SecretBytes(copying: bytes)
    }

    /// Copies 32 bytes, `nil` for any other number; the caller should wipe the original.
    public convenience init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(secret: bytes.withUnsafeBytes { SecretBytes(copying: $0) })
    }

    private init(secret: SecretBytes) { self.secret = secret }

    /// A new primary key.
    public static func random(_ randomness: Randomness = .system) -> PrimaryKey {
        PrimaryKey(secret: SecretBytes(byteCount: byteCount) { randomness.fill($0) })
    }

    /// Lends the secret, for nothing but storing it where only its owner can read it.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try secret.withUnsafeBytes(body)
    }

    /// The key pair that signs the feed of a name.
    public func keyPair(named name: String, in namespace: StoreNamespace = .root) -> KeyPair {
        KeyPair(seed: seed(named: name, in: namespace))
    }

    /// H_P( ns ‖ namespace ‖ name ).
    package func seed(named name: String, in namespace: StoreNamespace) -> SecretBytes {
        var hasher = secret.withUnsafeBytes { BLAKE2bHasher(key: $0) }
        hasher.update(Namespace.store)
        hasher.update(namespace.digest)
        hasher.update(utf8: name)
        return SecretBytes(byteCount: KeyPair.seedByteCount) { hasher.finalize(into: $0) }
    }
}

extension PrimaryKey: CustomStringConvertible, CustomReflectable {
    /// A word instead of the secret.
    public var description: String { "PrimaryKey(secret)" }

    /// Nothing of the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
