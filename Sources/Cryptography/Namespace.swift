/// The labels that keep the uses of one key or hash apart.
///
/// See docs/formats/crypto.md#namespaces.
public enum Namespace {
    /// The first bytes of everything that is signed.
    public static let tree = make("hypercore", 0)
    /// A capability that the initiator of a connection sends.
    public static let replicateInitiator = make("hypercore", 1)
    /// A capability that the responder of a connection sends.
    public static let replicateResponder = make("hypercore", 2)
    /// The hash of a manifest.
    public static let manifest = make("hypercore", 3)
    /// The namespace of a signer that names none.
    public static let defaultSigner = make("hypercore", 4)
    /// The key of encryption at rest.
    public static let blockEncryption = make("hypercore", 5)
    /// The id of the stream that the initiator of a connection writes.
    public static let streamInitiator = make("hyperswarm/secret-stream", 0)
    /// The id of the stream that the responder of a connection writes.
    public static let streamResponder = make("hyperswarm/secret-stream", 1)
    /// The keys of datagrams, which no byte stream uses.
    public static let streamSend = make("hyperswarm/secret-stream", 2)
    /// Key derivation in a store.
    public static let store = make("corestore", 0)
    /// The content feed of an archive.
    public static let blobs = make("hyperdrive", 0)

    /// H( H(name) ‖ byte(index) ).
    public static func make(_ name: String, _ index: UInt8) -> Digest {
        var hasher = BLAKE2bHasher()
        hasher.update(Digest.hash(ofUTF8: name))
        hasher.update(byte: index)
        return hasher.finalize()
    }
}
