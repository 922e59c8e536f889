import Cryptography
public import Merkle

/// What an upgrade from nothing says about a feed that is held.
public enum ConflictVerdict: Sendable, Hashable {
    /// The peer has the same tree.
    case sameTree
    /// The writer signed another tree of the same length and fork.
    case conflict(FeedConflict)
    /// The proof does not hold.
    case rejected(ProofError)
    /// It cannot be told: another fork, or nodes of that length are not stored here.
    case undecided
}

extension StoreSnapshot {
    /// Compares an answer to an upgrade from nothing with what is held.
    ///
    /// See docs/formats/replication.md, step 10.
    public func checkConflict(_ proof: Proof, of feed: Feed) throws -> ConflictVerdict {
        let head = try head(of: feed)
        let verifier = ProofVerifier(
            key: feed.key, headVerifier: try verifier(of: feed), fork: proof.fork,
            roots: TreeRoots())
        let verified: VerifiedProof
        switch try verifier.verify(proof, with: NoNodes()) {
        case .invalid(let error): return .rejected(error)
        case .valid(let value): verified = value
        }
        guard let upgrade = verified.upgrade else { return .rejected(.upgradeTooShort) }
        // The common part is compared at the shorter of both lengths, at which only one is signed.
        let length = min(head.length, upgrade.head.length)
        guard upgrade.fork == head.fork, length > 0,
            let own = try reader.tree(of: feed).roots(ofLength: length)
        else { return .undecided }
        guard let other = upgrade.roots(ofLength: length, from: verified.nodes) else {
            return .undecided
        }
        guard own.treeHash != other.treeHash else { return .sameTree }
        return .conflict(
            FeedConflict(
                own: FeedConflict.Side(
                    fork: head.fork, length: head.length, treeHash: head.treeHash,
                    signature: try signature(of: feed)),
                other: FeedConflict.Side(
                    fork: upgrade.fork, length: upgrade.head.length,
                    treeHash: upgrade.head.treeHash, signature: upgrade.signature),
                otherProof: proof.upgrade))
    }
}

extension StoreTransaction {
    /// Records that the writer signed two histories; nothing moves the feed's head any more.
    public func freeze(_ feed: Feed, because conflict: FeedConflict) throws {
        let state = try changes.state(for: feed)
        guard state.record.conflict == nil else { return }
        state.record.conflict = conflict
        state.markChanged()
    }
}

extension VerifiedProof.Upgrade {
    /// The roots of a length up to the head's, `nil` if the nodes of the answer do not hold them.
    fileprivate func roots(ofLength length: UInt64, from nodes: [Node]) -> TreeRoots? {
        if length == head.length { return roots }
        let known = Dictionary(nodes.map { ($0.index, $0) }) { first, _ in first }
        var found: [Node] = []
        for index in TreeIndex.roots(ofLength: length) {
            guard let node = known[index] else { return nil }
            found.append(node)
        }
        return TreeRoots(length: length, nodes: found)
    }
}
