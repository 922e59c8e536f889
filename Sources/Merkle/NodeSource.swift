/// Where stored nodes are looked up.
///
/// A source answers for one feed at one moment; it holds at least the roots of its length.
public protocol NodeSource: ~Copyable {
    /// The stored node, `nil` if it is not stored.
    func node(at index: TreeIndex) throws -> Node?

    /// The stored node if its size may decide byte offsets, `nil` otherwise.
    ///
    /// The sizes listed in `VerifiedProof.unprovenSizes` may not, until a block below was checked
    /// through their node.
    func nodeWithProvenSize(at index: TreeIndex) throws -> Node?
}

extension NodeSource where Self: ~Copyable {
    /// By default all sizes are proven, as they are in a writer's own tree.
    public func nodeWithProvenSize(at index: TreeIndex) throws -> Node? { try node(at: index) }
}

/// A source without nodes, for checking an answer against an empty tree.
public struct NoNodes: NodeSource {
    /// Makes the source.
    public init() {}

    /// Always `nil`.
    public func node(at index: TreeIndex) -> Node? { nil }
}
