import Merkle

/// One request to one peer: its number, and its place in the order in which all were sent.
struct RequestReference: Hashable, Sendable {
    let id: UInt64
    let order: UInt64
}

/// The nodes that the unanswered requests of one peer will bring.
///
/// Most of the way up from a block is brought by the answer for its neighbour, so a request counts
/// nodes only up to the first that an earlier one brings. Siblings come and go together, so a pair
/// is remembered by its parent.
struct AwaitedNodes: Sendable {
    private var bringers: [TreeIndex: RequestReference] = [:]

    /// The request that brings a node, `nil` if none does.
    func bringer(of node: TreeIndex) -> RequestReference? { bringers[node.parent] }

    /// Notes what the answer for a block brings, as far as no earlier one does.
    mutating func insert(_ block: UInt64, nodes: UInt64, for request: RequestReference) {
        for parent in Self.parents(of: block, nodes: nodes) where bringers[parent] == nil {
            bringers[parent] = request
        }
    }

    /// Forgets what a request was to bring: it is stored, or will not come.
    mutating func remove(_ block: UInt64, nodes: UInt64, for request: RequestReference) {
        for parent in Self.parents(of: block, nodes: nodes) where bringers[parent] == request {
            bringers[parent] = nil
        }
    }

    mutating func removeAll() { bringers.removeAll() }

    private static func parents(
        of block: UInt64, nodes: UInt64
    ) -> LazyMapSequence<Range<UInt64>, TreeIndex> {
        (0..<nodes).lazy.map { TreeIndex(depth: $0 + 1, offset: block >> ($0 + 1)) }
    }
}
