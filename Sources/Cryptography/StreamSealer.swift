import CSodium

/// The sending end of an encrypted stream: libsodium's secretstream, one message after the other.
///
/// `@unchecked Sendable` is safe: it cannot be copied, so one owner at a time has the state.
package struct StreamSealer: ~Copyable, @unchecked Sendable {
    private let state: UnsafeMutablePointer<crypto_secretstream_xchacha20poly1305_state>

    /// How many bytes stand before the ciphertext of a message.
    package static let prefixByteCount = 1
    /// How many bytes stand behind the ciphertext of a message.
    package static let suffixByteCount = 16
    /// How many bytes a sealed message is longer than the message.
    package static let overheadByteCount = prefixByteCount + suffixByteCount

    package init(key: SecretBytes, header: StreamHeader) {
        state = makeStreamState(key: key, header: header)
    }

    deinit { destroyStreamState(state) }

    /// Seals the message that stands in a buffer between one free byte and sixteen.
    package mutating func seal(inPlace buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count >= Self.overheadByteCount, "No room for tag and code")
        guard let output = buffer.octets else { return }
        crypto_secretstream_xchacha20poly1305_push(
            state, output, nil, output + Self.prefixByteCount,
            UInt64(buffer.count - Self.overheadByteCount), nil, 0, 0)
    }

    /// Seals a message into a buffer of its size and the overhead, which lies elsewhere.
    package mutating func seal(
        _ message: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer
    ) {
        precondition(
            buffer.count == message.count + Self.overheadByteCount, "No room for tag and code")
        guard let output = buffer.octets else { return }
        crypto_secretstream_xchacha20poly1305_push(
            state, output, nil, message.octets, UInt64(message.count), nil, 0, 0)
    }
}

/// With a given header, the states of both ends are the same and made the same way.
func makeStreamState(
    key: SecretBytes, header: StreamHeader
) -> UnsafeMutablePointer<crypto_secretstream_xchacha20poly1305_state> {
    Sodium.start()
    let state = UnsafeMutablePointer<crypto_secretstream_xchacha20poly1305_state>
        .allocate(capacity: 1)
    state.initialize(to: crypto_secretstream_xchacha20poly1305_state())
    precondition(key.byteCount == 32, "The key of a stream has 32 bytes")
    key.withUnsafeBytes { key in
        header.withUnsafeBytes { header in
            guard let key = key.octets, let header = header.octets else { return }
            crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
        }
    }
    return state
}

func destroyStreamState(
    _ state: UnsafeMutablePointer<crypto_secretstream_xchacha20poly1305_state>
) {
    wipe(
        UnsafeMutableRawBufferPointer(
            start: state, count: MemoryLayout<crypto_secretstream_xchacha20poly1305_state>.size))
    state.deallocate()
}
