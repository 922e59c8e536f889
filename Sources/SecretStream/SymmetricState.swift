package import Cryptography

/// The hash of all that was said and the keys that were mixed: the symmetric state of Noise.
///
/// See docs/formats/secret-stream.md#noise.
package struct SymmetricState {
    package static let protocolName = "Noise_XX_Ed25519_ChaChaPoly_BLAKE2b"

    package private(set) var hash: Digest64
    package private(set) var chainingKey: SecretBytes
    /// The key of the next encryption, absent until keys were mixed.
    package private(set) var key: SecretBytes?
    /// How many messages the key has encrypted.
    package private(set) var counter: UInt64 = 0

    /// The state before the prologue: hash and chaining key are the name of the protocol.
    package init() {
        var name = Array(Self.protocolName.utf8)
        name.append(contentsOf: repeatElement(0, count: Digest64.byteCount - name.count))
        guard let hash = Digest64(name) else { preconditionFailure("The name is too long") }
        self.hash = hash
        chainingKey = hash.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    /// Adds what was said to the hash.
    package mutating func mixHash(_ bytes: UnsafeRawBufferPointer) {
        var hasher = BLAKE2bHasher(outputByteCount: Digest64.byteCount)
        hash.withUnsafeBytes { hasher.update($0) }
        hasher.update(bytes)
        hash = hasher.finalize64()
    }

    /// Adds a shared secret to the keys.
    package mutating func mixKey(_ secret: SecretBytes) {
        let (first, second) = secret.withUnsafeBytes {
            KeyDerivation.derive(chainingKey: chainingKey, input: $0)
        }
        chainingKey = first
        key = firstHalf(of: second)
        counter = 0
    }

    /// Encrypts if there is a key, and adds what will be sent to the hash.
    package mutating func encryptAndHash(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        var output = Array(message)
        if let key {
            output = hash.withUnsafeBytes { hash in
                ChaChaPoly.seal(message, associatedData: hash, counter: counter, key: key)
            }
            counter += 1
        }
        output.withUnsafeBytes { mixHash($0) }
        return output
    }

    /// Decrypts if there is a key, and adds what was received to the hash.
    package mutating func decryptAndHash(
        _ message: UnsafeRawBufferPointer
    ) throws(NoiseError) -> [UInt8] {
        var output = Array(message)
        if let key {
            let plaintext = hash.withUnsafeBytes { hash in
                ChaChaPoly.open(message, associatedData: hash, counter: counter, key: key)
            }
            guard let plaintext else { throw .authentication }
            output = plaintext
            counter += 1
        }
        mixHash(message)
        return output
    }

    /// The keys of the two directions: first what the initiator sends with.
    package func split() -> (SecretBytes, SecretBytes) {
        let (first, second) = KeyDerivation.derive(
            chainingKey: chainingKey, input: UnsafeRawBufferPointer(start: nil, count: 0))
        return (firstHalf(of: first), firstHalf(of: second))
    }

    private func firstHalf(of secret: SecretBytes) -> SecretBytes {
        secret.withUnsafeBytes { SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0[..<32])) }
    }
}
