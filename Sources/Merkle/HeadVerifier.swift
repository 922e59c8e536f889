import CompactEncoding
public import Cryptography

/// Knows who may sign a feed, and checks and makes the signatures of its heads.
///
/// See docs/formats/manifests.md#the-signature-field.
public struct HeadVerifier: Hashable, Sendable {
    /// The feed's key.
    public let key: FeedKey
    /// The feed's manifest; in compat mode the implied one.
    public let manifest: Manifest
    /// Whether the key is the public key of the one signer.
    public let isCompat: Bool

    /// The verifier of a feed whose key is its writer's public key.
    public init(compatKey key: FeedKey) {
        self.key = key
        manifest = Manifest(singleSigner: PublicKey(key))
        isCompat = true
    }

    /// The verifier of a feed with a manifest, `nil` if it is not the manifest of the key.
    public init?(key: FeedKey, manifest: Manifest) {
        guard manifest.isConsistent else { return nil }
        isCompat = manifest.isCompat(for: key)
        guard isCompat || manifest.feedKey == key else { return nil }
        self.key = key
        self.manifest = manifest
    }

    /// The verifier of the feed that a manifest makes.
    public init(_ manifest: Manifest) {
        precondition(manifest.isConsistent, "a manifest asks for no more signers than it has")
        key = manifest.feedKey
        self.manifest = manifest
        isCompat = false
    }

    /// The beginning of the feed that needs no signature, if there is one.
    public var prologue: Manifest.Prologue? {
        isCompat || manifest.version == .v0 ? nil : manifest.prologue
    }

    /// Whether the signature field is the 64 bytes of one signature.
    private var signatureIsPlain: Bool {
        isCompat
            || manifest.version == .v0 && manifest.signers.count == 1 && !manifest.allowsPatch
    }

    /// The bytes that a signer signs for a head.
    public func signable(_ head: TreeHead, signer: Signer) -> [UInt8] {
        if isCompat { return Signable.compat(head) }
        return Signable.signable(
            head, context: manifest.version == .v0 ? signer.namespace : Digest(key))
    }

    /// Whether a signature field makes a tree the head of the feed.
    public func isValid(_ signature: [UInt8], for roots: TreeRoots, fork: UInt64) -> Bool {
        if let prologue, roots.length <= prologue.length {
            return roots.length == prologue.length && roots.treeHash == prologue.treeHash
        }
        if signatureIsPlain {
            guard let signer = manifest.signers.first, let signature = Signature(signature) else {
                return false
            }
            return isValid(signature, of: signer, for: roots.head(fork: fork))
        }
        guard let field = try? Multisignature(decoding: signature, version: manifest.version)
        else { return false }
        return isValid(field, for: roots, fork: fork)
    }

    private func isValid(_ signature: Signature, of signer: Signer, for head: TreeHead) -> Bool {
        signer.publicKey.isValid(signature, for: signable(head, signer: signer))
    }

    private func isValid(_ field: Multisignature, for roots: TreeRoots, fork: UInt64) -> Bool {
        guard manifest.quorum > 0, UInt64(field.parts.count) >= manifest.quorum else {
            return false
        }
        let head = roots.head(fork: fork)
        var seen: Set<UInt64> = []
        var patchNodes: [TreeIndex: Node] = [:]
        if manifest.allowsPatch {
            for node in field.nodes { patchNodes[node.index] = node }
        }
        // Only the first signatures count; a later valid one does not mend an invalid one.
        for part in field.parts.prefix(Int(manifest.quorum)) {
            guard part.signer < UInt64(manifest.signers.count),
                seen.insert(part.signer).inserted
            else { return false }
            var signed = head
            if part.patch > 0, manifest.allowsPatch {
                guard let longer = roots.grown(by: part.patch, with: patchNodes) else {
                    return false
                }
                signed = longer.head(fork: fork)
            }
            let signer = manifest.signers[Int(part.signer)]
            guard isValid(part.signature, of: signer, for: signed) else { return false }
        }
        return true
    }
}

extension HeadVerifier {
    /// The number of a key among the signers, `nil` if it is not one.
    public func signerIndex(of publicKey: PublicKey) -> UInt64? {
        manifest.signers.firstIndex { $0.publicKey == publicKey }.map { UInt64($0) }
    }

    /// Signs a head as the only one whose signature is needed.
    ///
    /// `nil` if the key is not a signer's, or if others must sign as well.
    public func sign(_ head: TreeHead, with keyPair: KeyPair) -> [UInt8]? {
        guard let share = partialSignature(of: head, with: keyPair), manifest.quorum == 1 else {
            return nil
        }
        if signatureIsPlain { return share.signature.bytes }
        return Multisignature([share], version: manifest.version).encoded
    }

    /// One signer's share of the signature of a head, `nil` if the key is not a signer's.
    public func partialSignature(
        of head: TreeHead, with keyPair: KeyPair
    ) -> PartialSignature? {
        guard let index = signerIndex(of: keyPair.publicKey) else { return nil }
        let message = signable(head, signer: manifest.signers[Int(index)])
        return PartialSignature(signer: index, signature: keyPair.sign(message))
    }
}

extension Digest {
    /// The feed key as the hash that it is outside of compat mode.
    init(_ key: FeedKey) {
        self = key.withUnsafeBytes { Digest($0) } ?? .zero
    }
}
