import CSodium

/// ChaCha20-Poly1305 of RFC 8439 with a counter as nonce.
package enum ChaChaPoly {
    /// How many bytes the ciphertext is longer than the plaintext.
    package static let tagByteCount = 16

    /// The ciphertext and its tag.
    package static func seal(
        _ message: UnsafeRawBufferPointer, associatedData: UnsafeRawBufferPointer,
        counter: UInt64, key: SecretBytes
    ) -> [UInt8] {
        Sodium.start()
        let byteCount = message.count + tagByteCount
        return [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
            withNonce(counter, key) { nonce, key in
                guard let output = output.baseAddress else { return }
                crypto_aead_chacha20poly1305_ietf_encrypt(
                    output, nil, message.octets, UInt64(message.count),
                    associatedData.octets, UInt64(associatedData.count), nil, nonce, key)
                count = byteCount
            }
        }
    }

    /// The plaintext, `nil` if the tag does not fit.
    package static func open(
        _ sealed: UnsafeRawBufferPointer, associatedData: UnsafeRawBufferPointer,
        counter: UInt64, key: SecretBytes
    ) -> [UInt8]? {
        Sodium.start()
        guard sealed.count >= tagByteCount, let input = sealed.octets else { return nil }
        var isValid = false
        let message = [UInt8](
            unsafeUninitializedCapacity: sealed.count - tagByteCount
        ) { output, count in
            withNonce(counter, key) { nonce, key in
                isValid =
                    crypto_aead_chacha20poly1305_ietf_decrypt(
                        output.baseAddress, nil, nil, input, UInt64(sealed.count),
                        associatedData.octets, UInt64(associatedData.count), nonce, key) == 0
            }
            count = isValid ? sealed.count - tagByteCount : 0
        }
        return isValid ? message : nil
    }

    /// Lends four zero bytes and the counter, and the key, as C wants them.
    private static func withNonce(
        _ counter: UInt64, _ key: SecretBytes,
        _ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Void
    ) {
        let low = UInt32(truncatingIfNeeded: counter).littleEndian
        let high = UInt32(truncatingIfNeeded: counter >> 32).littleEndian
        withUnsafeBytes(of: (UInt32(0), low, high)) { nonce in
            key.withUnsafeBytes { key in
                guard let nonce = nonce.octets, let key = key.octets else { return }
                body(nonce, key)
            }
        }
    }
}
