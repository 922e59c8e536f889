import CSodium

/// An Ed25519 public key.
public struct PublicKey: FixedBytes {
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
    public static func < (left: PublicKey, right: PublicKey) -> Bool { left.words < right.words }
}

extension PublicKey {
    /// The public key that a feed key is in compat mode; for other feeds it means nothing.
    public init(_ feedKey: FeedKey) { words = feedKey.words }

    /// Tells whether a signature over a message was made with the secret of this key.
    ///
    /// Strict: an S that is not reduced and points of small order are refused.
    public func isValid(_ signature: Signature, for message: UnsafeRawBufferPointer) -> Bool {
        Sodium.start()
        return signature.withUnsafeBytes { signature in
            withUnsafeBytes { key in
                guard let signature = signature.octets, let key = key.octets else { return false }
                return crypto_sign_ed25519_verify_detached(
                    signature, message.octets, UInt64(message.count), key) == 0
            }
        }
    }

    /// Tells whether a signature over a message was made with the secret of this key.
    public func isValid(_ signature: Signature, for message: [UInt8]) -> Bool {
        message.withUnsafeBytes { isValid(signature, for: $0) }
    }
}
