public import Merkle

/// What became of an answer that was applied to a feed.
public enum ApplyOutcome: Sendable, Hashable {
    /// Everything in the answer held, and is stored.
    case applied(AppliedProof)
    /// Nothing of the answer is stored.
    case rejected(ProofError)
    /// The feed is frozen and takes no new head.
    case frozen

    /// What an accepted answer brought, `nil` if it was not accepted.
    public var applied: AppliedProof? {
        guard case .applied(let applied) = self else { return nil }
        return applied
    }
}

/// What an accepted answer brought.
public struct AppliedProof: Sendable, Hashable {
    /// The feed's new head, if the answer moved it.
    public var head: TreeHead?
    /// The block of the answer.
    public var block: UInt64?
    /// Whether the block was not held before.
    public var isBlockNew = false
    /// Whether it was not known before who may sign the feed.
    public var isManifestNew = false
}
