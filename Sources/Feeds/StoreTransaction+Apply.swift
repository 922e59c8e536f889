import Cryptography
import LMDB
public import Merkle

extension StoreTransaction {
    /// Checks an answer of a peer, and stores what it proves.
    ///
    /// Many answers in one transaction cost little more than their hashes: the feed's head is
    /// written once, when the transaction ends.
    ///
    /// - Throws: only if the store fails; a bad answer is an outcome.
    @discardableResult
    public func apply(_ proof: Proof, to feed: Feed) throws -> ApplyOutcome {
        guard let block = proof.block else {
            return try apply(proof, blockValue: nil, to: feed)
        }
        return try block.value.withUnsafeBytes {
            try apply(proof, blockValue: $0, to: feed)
        }
    }

    /// Checks an answer of a peer whose block is still where it came, and stores what it proves.
    ///
    /// The bytes are hashed in place and copied once, into the store; what the answer has of them
    /// itself is not looked at.
    @discardableResult
    public func apply(
        _ proof: Proof, blockValue: UnsafeRawBufferPointer?, to feed: Feed
    ) throws -> ApplyOutcome {
        let state = try changes.state(for: feed)
        let headVerifier = try state.verifier()
        let verifier = ProofVerifier(
            key: feed.key, headVerifier: headVerifier, fork: state.record.head.fork,
            roots: try state.roots())
        let verified: VerifiedProof
        let verdict = try verifier.verify(
            proof, blockValue: blockValue, with: snapshot.reader.tree(of: feed))
        switch verdict {
        case .invalid(let error): return .rejected(error)
        case .valid(let value): verified = value
        }
        if let upgrade = verified.upgrade {
            guard state.record.conflict == nil else { return .frozen }
            guard upgrade.isStorable else { return .rejected(.outOfBounds) }
        }
        if let blockValue, blockValue.count > Limits.maximumBlockByteCount {
            return .rejected(.outOfBounds)
        }
        return try changes.indivisibly {
            try store(verified, blockValue: blockValue, in: state, headVerifier: headVerifier)
        }
    }

    private func store(
        _ verified: VerifiedProof, blockValue: UnsafeRawBufferPointer?, in state: FeedState,
        headVerifier: HeadVerifier?
    ) throws -> ApplyOutcome {
        var applied = AppliedProof()
        try state.store(verified.nodes, unproven: verified.unprovenSizes)
        if let upgrade = verified.upgrade {
            state.setHead(upgrade.roots, fork: upgrade.fork, signature: upgrade.signature)
            applied.head = upgrade.head
        }
        if headVerifier == nil {
            applied.isManifestNew = state.learn(
                verified.manifest, provedByKeyAlone: verified.upgrade != nil)
        }
        if let block = verified.block, let blockValue {
            applied.block = block.index
            applied.isBlockNew = try storeBlock(blockValue, at: block.index, in: state)
        }
        if !verified.nodes.isEmpty { state.markChanged() }
        try state.trim(in: changes.transaction.pointee)
        return .applied(applied)
    }

    /// Stores a block that was checked; returns false if it was held already.
    private func storeBlock(
        _ value: UnsafeRawBufferPointer, at index: UInt64, in state: FeedState
    ) throws -> Bool {
        guard try snapshot.reader.row(holding: index, ofFeed: state.number) == nil else {
            return false
        }
        try state.storeBlock(value, at: index)
        state.didStoreBlock(at: index)
        return true
    }
}

extension VerifiedProof.Upgrade {
    /// Whether the head can be sent on: larger numbers than JavaScript's cannot.
    var isStorable: Bool {
        let maximum = Merkle.Limits.maximumByteLength
        return head.byteLength <= maximum && head.fork <= maximum
            && signature.count <= Merkle.Limits.maximumSignatureByteCount
    }
}

extension FeedState {
    /// Stores the nodes of a checked answer; those whose size is not proven replace nothing.
    func store(_ nodes: [Node], unproven: [TreeIndex]) throws {
        for node in nodes {
            if !unproven.isEmpty, unproven.contains(node.index) {
                try tiles.setUnproven(node)
            } else {
                try tiles.set(node)
            }
        }
    }

    /// Learns who may sign the feed; returns whether that is news.
    ///
    /// A head that verified without a manifest was signed by the key itself: a compat feed.
    func learn(_ manifest: Manifest?, provedByKeyAlone: Bool) -> Bool {
        if let manifest {
            setManifest(manifest, isCompat: false)
            return true
        }
        guard provedByKeyAlone else { return false }
        setManifest(Manifest(singleSigner: PublicKey(feed.key)), isCompat: true)
        return true
    }
}
