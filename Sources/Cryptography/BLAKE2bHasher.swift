import CSodium

/// BLAKE2b over parts that arrive one after the other; it allocates nothing.
public struct BLAKE2bHasher {
    private var state = csodium_hash_state()
    private let outputByteCount: Int

    /// A hash without a key; `outputByteCount` is part of what is hashed.
    public init(outputByteCount: Int = Digest.byteCount) {
        self.init(
            key: UnsafeRawBufferPointer(start: nil, count: 0), outputByteCount: outputByteCount)
    }

    /// A hash with a key of up to 64 bytes (the key parameter of BLAKE2b, not HMAC).
    public init(key: UnsafeRawBufferPointer, outputByteCount: Int = Digest.byteCount) {
        precondition((1...64).contains(outputByteCount), "BLAKE2b has 1 to 64 bytes of output")
        precondition(key.count <= 64, "A BLAKE2b key has at most 64 bytes")
        Sodium.start()
        self.outputByteCount = outputByteCount
        csodium_hash_begin(&state, key.baseAddress, key.count, outputByteCount)
    }

    /// Adds the bytes of a buffer.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        csodium_hash_add(&state, base, bytes.count)
    }

    /// Adds the bytes of an array.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Adds a digest.
    public mutating func update(_ digest: Digest) { digest.withUnsafeBytes { update($0) } }

    /// Adds the key of a feed.
    public mutating func update(_ key: FeedKey) { key.withUnsafeBytes { update($0) } }

    /// Adds a public key.
    public mutating func update(_ key: PublicKey) { key.withUnsafeBytes { update($0) } }

    /// Adds the UTF-8 bytes of a text.
    public mutating func update(utf8 text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// Adds one byte.
    public mutating func update(byte: UInt8) {
        withUnsafeBytes(of: byte) { update($0) }
    }

    /// Adds the eight bytes of a number, least significant first.
    public mutating func update(littleEndian value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { update($0) }
    }

    /// The hash of all that was added, and the end of this hasher.
    public mutating func finalize() -> Digest {
        precondition(outputByteCount == Digest.byteCount, "This hasher makes no 32 bytes")
        return Digest(words: Words32 { csodium_hash_end(&state, $0, 32) })
    }

    /// The hash of all that was added, and the end of this hasher that was made for 64 bytes.
    public mutating func finalize64() -> Digest64 {
        precondition(outputByteCount == Digest64.byteCount, "This hasher makes no 64 bytes")
        return Digest64(words: Words64 { csodium_hash_end(&state, $0, 64) })
    }

    /// The hash of all that was added, of whatever size this hasher was made for.
    public mutating func finalizeBytes() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: outputByteCount) { output, count in
            csodium_hash_end(&state, output.baseAddress, outputByteCount)
            count = outputByteCount
        }
    }

    /// Writes the hash of all that was added to a buffer of the size this hasher was made for.
    package mutating func finalize(into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count == outputByteCount, "The output is of another size")
        csodium_hash_end(&state, output.baseAddress, outputByteCount)
    }

    /// Forgets what was added, for hashers that saw secrets and are not finalized.
    package mutating func wipe() {
        withUnsafeMutableBytes(of: &state) { Cryptography.wipe($0) }
    }
}
