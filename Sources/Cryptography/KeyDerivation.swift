/// HMAC and HKDF as the handshake uses them, over BLAKE2b with 64 bytes of output.
package enum KeyDerivation {
    private static let blockByteCount = 128

    /// Two secrets of 64 bytes from a chaining key and some input.
    package static func derive(
        chainingKey: SecretBytes, input: UnsafeRawBufferPointer
    ) -> (first: SecretBytes, second: SecretBytes) {
        let extracted = chainingKey.withUnsafeBytes { authenticate(input, key: $0) }
        return extracted.withUnsafeBytes { key in
            let one: [UInt8] = [1]
            let first = one.withUnsafeBytes { authenticate($0, key: key) }
            let second = withUnsafeTemporaryAllocation(byteCount: 65, alignment: 16) { message in
                first.withUnsafeBytes { message.copyMemory(from: $0) }
                message[64] = 2
                defer { wipe(message) }
                return authenticate(UnsafeRawBufferPointer(message), key: key)
            }
            return (first, second)
        }
    }

    /// HMAC of RFC 2104 with a key of at most one block.
    package static func authenticate(
        _ message: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) -> SecretBytes {
        precondition(key.count <= blockByteCount, "A longer key would have to be hashed")
        return withUnsafeTemporaryAllocation(byteCount: blockByteCount, alignment: 16) { pad in
            defer { wipe(pad) }
            let inner = SecretBytes(byteCount: 64) { output in
                hash(padded(key, with: 0x36, in: pad), message, into: output)
            }
            return inner.withUnsafeBytes { inner in
                SecretBytes(byteCount: 64) { output in
                    hash(padded(key, with: 0x5c, in: pad), inner, into: output)
                }
            }
        }
    }

    private static func padded(
        _ key: UnsafeRawBufferPointer, with byte: UInt8, in pad: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        for index in pad.indices {
            pad[index] = byte ^ (index < key.count ? key[index] : 0)
        }
        return UnsafeRawBufferPointer(pad)
    }

    private static func hash(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) {
        var hasher = BLAKE2bHasher(outputByteCount: 64)
        hasher.update(first)
        hasher.update(second)
        hasher.finalize(into: output)
    }
}
