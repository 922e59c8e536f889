/// Collects the lists of one answer.
struct ProofConstruction {
    private let request: ProofRequest
    private let target: TreeIndex?
    private let start: UInt64
    private let end: UInt64
    private let length: UInt64

    private var targetNodes: [Node]?
    private var seekNodes: [Node]?
    private var upgradeNodes: [Node] = []
    private var additionalNodes: [Node] = []

    /// Checks what can be checked of a request without the tree.
    init(_ request: ProofRequest, length: UInt64) throws(ProofRequestError) {
        self.request = request
        self.length = length
        if let block = request.block {
            guard block.index < Limits.maximumLength else { throw .outOfBounds }
            target = TreeIndex(block: block.index)
        } else {
            target = request.hash?.index
        }
        start = request.upgrade?.start ?? 0
        let (sum, overflows) = start.addingReportingOverflow(request.upgrade?.length ?? length)
        guard !overflows, sum > start, sum <= length else { throw .invalidUpgrade }
        end = sum
        if let target {
            guard target.value < Limits.maximumLength * 2 else { throw .outOfBounds }
            if request.seek != nil, request.upgrade != nil, target.value >= start * 2 {
                throw .seekWithTarget
            }
        }
    }

    /// Collects all lists from the stored nodes.
    mutating func build<Source: NodeSource & ~Copyable>(
        roots: TreeRoots, from source: borrowing Source
    ) throws {
        var newNode: TreeIndex?
        if let target, request.upgrade == nil || target.lastBlock < start {
            try proveKnown(target, roots: roots, from: source)
        } else if request.upgrade != nil {
            newNode = target
            if let seek = request.seek { newNode = try seekNode(seek, in: end, from: source) }
        }
        if request.upgrade != nil {
            for index in TreeIndex.upgrade(from: start, to: end) {
                if let below = newNode, targetNodes == nil, seekNodes == nil,
                    index.contains(below)
                {
                    try climb(from: below, to: index, from: source)
                } else {
                    upgradeNodes.append(try source.provenNode(at: index))
                }
            }
            if end < length {
                for index in TreeIndex.upgrade(from: end, to: length) {
                    additionalNodes.append(try source.provenNode(at: index))
                }
            }
        }
        // What lies neither below the old tree nor below the upgrade cannot be proven.
        if target != nil, targetNodes == nil { throw ProofRequestError.outOfBounds }
    }

    /// Moves the lists to the answer.
    func fill(_ proof: inout Proof, signature: [UInt8]) {
        if let block = request.block {
            proof.block = Proof.Block(index: block.index, value: [], nodes: targetNodes ?? [])
        } else if let hash = request.hash {
            proof.hash = Proof.Hash(index: hash.index, nodes: targetNodes ?? [])
        }
        if let seek = request.seek, let seekNodes {
            proof.seek = Proof.Seek(bytes: seek.bytes, nodes: seekNodes)
        }
        if let upgrade = request.upgrade {
            proof.upgrade = Proof.Upgrade(
                start: upgrade.start, length: upgrade.length, nodes: upgradeNodes,
                additionalNodes: additionalNodes, signature: signature)
        }
    }

    /// Proves a block or node that the asker's own tree leads to.
    private mutating func proveKnown<Source: NodeSource & ~Copyable>(
        _ target: TreeIndex, roots: TreeRoots, from source: borrowing Source
    ) throws {
        let end = TreeIndex(block: end)
        guard target.rightSpan < end else { throw ProofRequestError.outOfBounds }
        var top = target
        let steps = request.block?.nodes ?? request.hash?.nodes ?? 0
        guard steps <= Limits.maximumDepth else { throw ProofRequestError.outOfBounds }
        for _ in 0..<steps {
            top = top.parent
            guard !top.contains(end) else { throw ProofRequestError.outOfBounds }
        }
        let seekNode = try request.seek.map {
            try self.seekNode($0, below: top, roots: roots, from: source)
        }
        try climb(from: target, to: top, leavingOut: seekNode, from: source)
    }

    /// Lists the way from a node of the new part, be it the target or the one a seek found.
    private mutating func climb<Source: NodeSource & ~Copyable>(
        from node: TreeIndex, to top: TreeIndex, from source: borrowing Source
    ) throws {
        if let target {
            // With a target that begins in the old tree the node is the seek's, and may be
            // elsewhere.
            guard top.contains(target) else { throw ProofRequestError.outOfBounds }
            let seekNode = request.seek == nil ? nil : node
            try climb(from: target, to: top, leavingOut: seekNode, from: source)
        } else {
            seekNodes = try seekList(from: node, to: top, from: source)
        }
    }

    /// Lists the siblings between a target and the node that is trusted.
    ///
    /// The sibling above the seek node is left out: the seek list leads to it.
    private mutating func climb<Source: NodeSource & ~Copyable>(
        from target: TreeIndex, to top: TreeIndex, leavingOut seekNode: TreeIndex?,
        from source: borrowing Source
    ) throws {
        var nodes: [Node] = []
        nodes.reserveCapacity(Int(top.depth &- target.depth) + 1)
        if request.block == nil { nodes.append(try source.provenNode(at: target)) }
        var node = target
        while node != top {
            let sibling = node.sibling
            if let seekNode, sibling.contains(seekNode), sibling != seekNode {
                seekNodes = try seekList(from: seekNode, to: sibling, from: source)
            } else {
                nodes.append(try source.provenNode(at: sibling))
            }
            node = node.parent
        }
        targetNodes = nodes
    }

    private func seekList<Source: NodeSource & ~Copyable>(
        from seekNode: TreeIndex, to top: TreeIndex, from source: borrowing Source
    ) throws -> [Node] {
        var nodes = [try source.provenNode(at: seekNode)]
        var node = seekNode
        while node != top {
            nodes.append(try source.provenNode(at: node.sibling))
            node = node.parent
        }
        return nodes
    }
}

extension NodeSource where Self: ~Copyable {
    /// A node for a list; one whose size is not proven would make a liar of whoever sends it.
    func provenNode(at index: TreeIndex) throws -> Node {
        guard let node = try nodeWithProvenSize(at: index) else {
            throw ProofRequestError.notStored(index)
        }
        return node
    }
}
