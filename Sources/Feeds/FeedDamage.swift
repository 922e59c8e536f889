public import Merkle

/// One thing that is wrong with what is stored of a feed.
public enum FeedDamage: Sendable, Hashable {
    /// The record of the feed cannot be read.
    case record
    /// A block does not hash to its leaf.
    case block(UInt64)
    /// The row that begins with a block cannot be read, or holds blocks of another row.
    case row(UInt64)
    /// A block is held, but not its leaf.
    case leafMissing(UInt64)
    /// A block lies behind the feed's end.
    case blockOutside(UInt64)
    /// A node does not hash from its children.
    case node(TreeIndex)
    /// A node leads to no root.
    case nodeDetached(TreeIndex)
    /// A node reaches behind the feed's end.
    case nodeOutside(TreeIndex)
    /// Tree nodes cannot be read, at this node or near it.
    case tile(TreeIndex)
    /// A root is not stored.
    case rootMissing(TreeIndex)
    /// The head is not the one of the roots.
    case head
    /// The signature does not hold for the head.
    case signature
    /// The record counts more or fewer blocks without a gap than are held.
    case contiguousLength
}

extension FeedDamage: CustomStringConvertible {
    /// What is broken, to be put after the name of the feed.
    public var description: String {
        switch self {
        case .record: "the record of the feed cannot be read"
        case .block(let index): "block \(index) does not match its hash"
        case .row(let index): "blocks from \(index) on cannot be read"
        case .leafMissing(let index): "block \(index) has no hash to check it against"
        case .blockOutside(let index): "block \(index) lies behind the end of the feed"
        case .node(let index): "tree node \(index) does not match the nodes below it"
        case .nodeDetached(let index): "tree node \(index) leads to no root"
        case .nodeOutside(let index): "tree node \(index) lies behind the end of the feed"
        case .tile(let index): "tree nodes near \(index) cannot be read"
        case .rootMissing(let index): "root \(index) of the tree is missing"
        case .head: "the head does not match the tree"
        case .signature: "the signature does not match the head"
        case .contiguousLength: "the count of blocks without a gap is wrong"
        }
    }
}
