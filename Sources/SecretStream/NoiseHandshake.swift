package import Cryptography

/// The XX pattern of Noise over Ed25519 keys, message by message; it knows nothing of framing.
package struct NoiseHandshake {
    private let role: Role
    private let keyPair: KeyPair
    private let ephemeral: KeyPair
    private var symmetric = SymmetricState()
    private var remoteEphemeral: PublicKey?

    /// The key of the other side, known as soon as it has proven that it has the secret.
    package private(set) var remotePublicKey: PublicKey?

    /// How many of the three messages have passed.
    package private(set) var messageCount = 0

    package init(role: Role, keyPair: KeyPair, ephemeral: KeyPair) {
        self.role = role
        self.keyPair = keyPair
        self.ephemeral = ephemeral
        symmetric.mixHash(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Whether all three messages have passed.
    package var isComplete: Bool { messageCount == 3 }

    /// Whether the next message is this side's to write.
    package var isWriting: Bool {
        !isComplete && messageCount.isMultiple(of: 2) == (role == .initiator)
    }

    /// The hash that both sides share in the end.
    package var hash: Digest64 { symmetric.hash }

    /// Makes the next message.
    package mutating func write() throws(NoiseError) -> [UInt8] {
        guard isWriting else { throw .order }
        var message: [UInt8] = []
        if messageCount < 2 {
            message += ephemeral.publicKey.bytes
            ephemeral.publicKey.withUnsafeBytes { symmetric.mixHash($0) }
        }
        switch messageCount {
        case 0:
            break
        case 1:
            try mix(ephemeral, remoteEphemeral)
            message += keyPair.publicKey.withUnsafeBytes { symmetric.encryptAndHash($0) }
            try mix(keyPair, remoteEphemeral)
        default:
            message += keyPair.publicKey.withUnsafeBytes { symmetric.encryptAndHash($0) }
            try mix(keyPair, remoteEphemeral)
        }
        message += symmetric.encryptAndHash(UnsafeRawBufferPointer(start: nil, count: 0))
        messageCount += 1
        return message
    }

    /// Takes the next message of the other side.
    package mutating func read(_ message: UnsafeRawBufferPointer) throws(NoiseError) {
        guard !isComplete, !isWriting else { throw .order }
        guard message.count == SecretStreamLimits.handshakeByteCounts[messageCount] else {
            throw .messageLength
        }
        var rest = message[...]
        if messageCount < 2 {
            let bytes = UnsafeRawBufferPointer(rebasing: rest.prefix(PublicKey.byteCount))
            remoteEphemeral = PublicKey(bytes)
            symmetric.mixHash(bytes)
            rest = rest.dropFirst(PublicKey.byteCount)
        }
        if messageCount > 0 {
            if messageCount == 1 { try mix(ephemeral, remoteEphemeral) }
            let sealedByteCount = PublicKey.byteCount + ChaChaPoly.tagByteCount
            let key = PublicKey(
                try symmetric.decryptAndHash(
                    UnsafeRawBufferPointer(rebasing: rest.prefix(sealedByteCount))))
            rest = rest.dropFirst(sealedByteCount)
            try mix(ephemeral, key)
            _ = try symmetric.decryptAndHash(UnsafeRawBufferPointer(rebasing: rest))
            remotePublicKey = key
        } else {
            _ = try symmetric.decryptAndHash(UnsafeRawBufferPointer(rebasing: rest))
        }
        messageCount += 1
    }

    private mutating func mix(_ own: KeyPair, _ other: PublicKey?) throws(NoiseError) {
        guard let other, let secret = own.sharedSecret(with: other) else { throw .keyAgreement }
        symmetric.mixKey(secret)
    }

    /// The keys that this side sends and receives with.
    package func split() -> (send: SecretBytes, receive: SecretBytes) {
        precondition(isComplete, "The handshake is not complete")
        let (first, second) = symmetric.split()
        return role == .initiator ? (first, second) : (second, first)
    }
}
