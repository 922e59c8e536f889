import Cryptography
import SecretStream

@testable import Multiwriter

/// Stands between a drive and its encryption, and changes what it says.
///
/// The drive encrypts for a second stream that ends here; what comes out is changed and encrypted
/// again as the far end expects it, so that the far end cannot tell damage from intent.
final class Tampering {
    /// Makes what is sent in place of one frame.
    private let change: ([UInt8]) -> [[UInt8]]
    private var inner: FrameDecryptor?
    private var outer: FrameEncryptor?

    init(_ change: @escaping ([UInt8]) -> [[UInt8]]) {
        self.change = change
    }

    /// What the drive is given instead of what was agreed.
    func adopt(_ established: Established) -> Established {
        outer = established.takeEncryptor()
        var left = Self.makeEnd(.initiator)
        var right = Self.makeEnd(.responder)
        var (toLeft, toRight): ([UInt8], [UInt8]) = ([], [])
        try? left.start(into: &toRight)
        try? right.start(into: &toLeft)
        var batch = MessageBatch()
        while !toLeft.isEmpty || !toRight.isEmpty {
            let (forLeft, forRight) = (toLeft, toRight)
            (toLeft, toRight) = ([], [])
            forRight.withUnsafeBytes {
                try? right.receive($0, into: &batch, answer: &toLeft)
            }
            forLeft.withUnsafeBytes { try? left.receive($0, into: &batch, answer: &toRight) }
        }
        inner = right.takeDecryptor()
        return Established(
            remoteKey: established.remoteKey, handshakeHash: established.handshakeHash,
            isInitiator: established.isInitiator, encryptor: left.takeEncryptor())
    }

    private static func makeEnd(_ role: Role) -> EncryptedStream {
        EncryptedStream(
            role: role, keyPair: .random(), randomness: HandshakeRandomness(), now: .zero)
    }

    func rewrite(_ bytes: [UInt8]) -> [UInt8] {
        guard outer != nil else { return bytes }
        var batch = MessageBatch()
        bytes.withUnsafeBytes { try? inner?.decrypt($0, into: &batch) }
        var output: [UInt8] = []
        for index in 0..<batch.count {
            for frame in change(batch[index]) { try? outer?.encrypt(frame, into: &output) }
        }
        return output
    }
}
