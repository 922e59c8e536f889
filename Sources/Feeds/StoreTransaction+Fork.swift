import Cryptography
public import Merkle

/// What became of the first answer of a higher fork.
public enum ReorganisationStart: Sendable {
    /// The new head is signed; `wanted` of the value says what else to ask.
    case started(Reorganisation)
    /// Nothing of the answer may be used.
    case rejected(ProofError)
    /// The feed is frozen and takes no new head.
    case frozen
}

extension StoreSnapshot {
    /// Begins to follow a higher fork, with the answer to an upgrade from nothing to its length.
    public func beginReorganisation(
        of feed: Feed, with proof: Proof
    ) throws -> ReorganisationStart {
        guard try reader.record(of: feed).conflict == nil else { return .frozen }
        let verdict = try Reorganisation.begin(
            with: proof, key: feed.key, headVerifier: try verifier(of: feed),
            replacing: try head(of: feed).treeHead, stored: reader.tree(of: feed))
        switch verdict {
        case .invalid(let error): return .rejected(error)
        case .valid(let reorganisation):
            guard reorganisation.upgrade.isStorable else { return .rejected(.outOfBounds) }
            return .started(reorganisation)
        }
    }

    /// Goes on with the answer to a hash request of the new fork; `nil` means that it held.
    public func advance(
        _ reorganisation: inout Reorganisation, of feed: Feed, with proof: Proof
    ) throws -> ProofError? {
        switch try reorganisation.apply(proof, stored: reader.tree(of: feed)) {
        case .invalid(let error): error
        case .valid: nil
        }
    }
}

/// What following a fork changed.
public struct FollowedFork: Sendable, Hashable {
    /// The new head.
    public var head: TreeHead
    /// The blocks from here on were dropped.
    public var ancestors: UInt64
    /// The length before.
    public var formerLength: UInt64
    /// Whether it was not known before who may sign the feed.
    public var isManifestNew = false
}

extension StoreTransaction {
    /// Takes over the head of a higher fork once the common ancestor is found.
    ///
    /// Own blocks from the ancestor on are dropped, those before it stay. Returns `nil`, and
    /// changes nothing, if the feed's head has moved since the beginning: then begin again.
    public func follow(_ reorganisation: Reorganisation, of feed: Feed) throws -> FollowedFork? {
        precondition(reorganisation.isFinished, "A fork is followed once its ancestor is known.")
        let state = try changes.state(for: feed)
        let former = state.record.head
        guard former.treeHead == reorganisation.base, state.record.conflict == nil else {
            return nil
        }
        let headVerifier = try state.verifier()
        return try changes.indivisibly {
            let upgrade = reorganisation.upgrade
            var followed = FollowedFork(
                head: upgrade.head, ancestors: reorganisation.ancestors,
                formerLength: former.length)
            try removeBlocks(from: reorganisation.ancestors, of: state)
            try state.store(
                reorganisation.nodes, unproven: reorganisation.unprovenSizes)
            for root in upgrade.roots.nodes { try state.tiles.set(root) }
            state.setHead(upgrade.roots, fork: upgrade.fork, signature: upgrade.signature)
            if headVerifier == nil {
                followed.isManifestNew = state.learn(
                    reorganisation.manifest, provedByKeyAlone: true)
            }
            try state.trim(in: changes.transaction.pointee)
            return followed
        }
    }
}
