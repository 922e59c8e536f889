/// The nodes of one list of a proof, taken one after the other.
///
/// A node proven before may stand in for one of the list, once, wherever its number is wanted.
struct NodeQueue {
    private let nodes: [Node]
    private var position = 0
    private(set) var extra: Node?

    init(_ nodes: [Node], extra: Node? = nil) {
        self.nodes = nodes
        self.extra = extra
    }

    var isEmpty: Bool { position == nodes.count && extra == nil }

    /// The first node that was not taken, if the list has one.
    var next: Node? { position < nodes.count ? nodes[position] : nil }

    /// Takes the node with a number; no other may come first.
    mutating func take(_ index: TreeIndex) throws(ProofError) -> Node {
        if let extra, extra.index == index {
            self.extra = nil
            return extra
        }
        guard let node = next, node.index == index else { throw .expectedNode(index) }
        position += 1
        return node
    }
}
