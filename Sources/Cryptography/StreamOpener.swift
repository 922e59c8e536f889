import CSodium

/// The receiving end of an encrypted stream.
///
/// `@unchecked Sendable` is safe: it cannot be copied, so one owner at a time has the state.
package struct StreamOpener: ~Copyable, @unchecked Sendable {
    private let state: UnsafeMutablePointer<crypto_secretstream_xchacha20poly1305_state>

    package init(key: SecretBytes, header: StreamHeader) {
        state = makeStreamState(key: key, header: header)
    }

    deinit { destroyStreamState(state) }

    /// Opens the next message into memory of its size; false if it is not authentic.
    package mutating func open(
        _ sealed: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard sealed.count >= StreamSealer.overheadByteCount,
            output.count == sealed.count - StreamSealer.overheadByteCount
        else { return false }
        return crypto_secretstream_xchacha20poly1305_pull(
            state, output.octets, nil, nil, sealed.octets, UInt64(sealed.count), nil, 0) == 0
    }
}
