import CSodium

extension KeyPair {
    /// The secret that this pair shares with the owner of a public key, as a point of the curve.
    ///
    /// `nil` for a point outside the main subgroup. This is not X25519: the sign of x is in it.
    package func sharedSecret(with other: PublicKey) -> SecretBytes? {
        let scalar = agreementScalar()
        var isValid = false
        let secret = SecretBytes(byteCount: 32) { output in
            scalar.withUnsafeBytes { scalar in
                other.withUnsafeBytes { point in
                    guard let output = output.octets, let scalar = scalar.octets,
                        let point = point.octets
                    else { return }
                    isValid = crypto_scalarmult_ed25519_noclamp(output, scalar, point) == 0
                }
            }
        }
        return isValid ? secret : nil
    }

    /// The first half of SHA-512(seed), clamped as for signing.
    private func agreementScalar() -> SecretBytes {
        SecretBytes(byteCount: 32) { scalar in
            withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { hash in
                secretKey.withUnsafeBytes { secret in
                    guard let hash = hash.octets, let secret = secret.octets else { return }
                    crypto_hash_sha512(hash, secret, UInt64(Self.seedByteCount))
                }
                hash[0] &= 248
                hash[31] = hash[31] & 127 | 64
                scalar.copyMemory(from: UnsafeRawBufferPointer(rebasing: hash[..<32]))
                wipe(hash)
            }
        }
    }
}
