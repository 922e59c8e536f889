/// Why an answer was not accepted.
public enum ProofError: Error, Hashable, Sendable {
    /// The answer is of another fork than the tree.
    case wrongFork
    /// A list lacks a node, or has another one in its place.
    case expectedNode(TreeIndex)
    /// A list has a node too many.
    case unexpectedNode(TreeIndex)
    /// A number or a list is larger than a feed can have, or sizes sum to more.
    case outOfBounds
    /// The upgrade ends below the own length.
    case upgradeTooShort
    /// The upgrade does not lead through the prologue that the manifest fixes.
    case prologueNotProven
    /// The proof ends at a node that is not stored here.
    case notStored(TreeIndex)
    /// The answer does not belong to what was asked.
    case notAsked
    /// The proof leads to another hash or size than the stored node's.
    case invalidChecksum(TreeIndex)
    /// The head is not signed as the manifest demands.
    case invalidSignature
    /// The manifest is not the one of the feed's key, or cannot be obeyed.
    case invalidManifest
}

extension ProofError {
    /// Whether content is wrong, and not just the form: hashes, signature or manifest.
    ///
    /// The form may be off because the tree moved in the meantime; wrong content never comes from
    /// an honest peer. See docs/formats/replication.md#course-of-a-connection.
    public var isForgery: Bool {
        switch self {
        case .invalidChecksum, .invalidSignature, .invalidManifest: true
        default: false
        }
    }
}

extension ProofError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .wrongFork: "The proof is of another fork."
        case .expectedNode(let index): "The proof lacks node \(index)."
        case .unexpectedNode(let index): "The proof has node \(index), which does not belong."
        case .outOfBounds: "The proof has numbers that no feed can have."
        case .upgradeTooShort: "The proof ends below the own length."
        case .prologueNotProven: "The proof does not lead through the prologue."
        case .notStored(let index): "The proof ends at node \(index), which is not known here."
        case .notAsked: "The proof does not belong to what was asked."
        case .invalidChecksum(let index): "The proof contradicts the hash of node \(index)."
        case .invalidSignature: "The proof is not signed as the manifest demands."
        case .invalidManifest: "The manifest is not the one of this feed."
        }
    }
}

/// Why a request has no answer.
public enum ProofRequestError: Error, Hashable, Sendable {
    /// The request is of another fork than the tree.
    case wrongFork
    /// The upgrade is empty or goes beyond the length.
    case invalidUpgrade
    /// A block or node lies outside of what is to be proven.
    case outOfBounds
    /// The byte does not lie below the node that was asked for.
    case invalidSeek
    /// A seek cannot go with a block or node of the part that is new.
    case seekWithTarget
    /// The proof needs a node that is not stored here.
    case notStored(TreeIndex)
}

extension ProofRequestError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .wrongFork: "The request is of another fork."
        case .invalidUpgrade: "The upgrade is empty or goes beyond the length."
        case .outOfBounds: "The block or node lies outside of the tree."
        case .invalidSeek: "The byte does not lie below the node."
        case .seekWithTarget: "A seek cannot go with a block or node of the new part."
        case .notStored(let index): "The proof needs node \(index), which is not stored."
        }
    }
}
