extension ProofConstruction {
    /// The node at a byte of the tree of the new length, `nil` behind its end.
    func seekNode<Source: NodeSource & ~Copyable>(
        _ seek: ProofRequest.Seek, in length: UInt64, from source: borrowing Source
    ) throws -> TreeIndex? {
        guard seek.padding <= Limits.maximumPadding else { throw ProofRequestError.invalidSeek }
        var rest = Int128(seek.bytes)
        for root in TreeIndex.roots(ofLength: length) {
            let size = try source.provenNode(at: root).size(withoutPadding: seek.padding)
            if rest == size { return root }
            if rest < size {
                return try descend(to: rest, from: root, padding: seek.padding, with: source)
            }
            rest -= size
        }
        return nil
    }

    /// The node at a byte below a node; the byte must lie there.
    func seekNode<Source: NodeSource & ~Copyable>(
        _ seek: ProofRequest.Seek, below top: TreeIndex, roots: TreeRoots,
        from source: borrowing Source
    ) throws -> TreeIndex {
        guard seek.padding <= Limits.maximumPadding,
            let offset = try roots.byteOffset(of: top, from: source)
        else { throw ProofRequestError.invalidSeek }
        let padding = Int128(seek.padding) * Int128(top.firstBlock)
        let rest = Int128(seek.bytes) - (Int128(offset) - padding)
        guard rest >= 0 else { throw ProofRequestError.invalidSeek }
        if rest == 0 { return top }
        let size = try source.provenNode(at: top).size(withoutPadding: seek.padding)
        guard rest < size else { throw ProofRequestError.invalidSeek }
        return try descend(to: rest, from: top, padding: seek.padding, with: source)
    }

    private func descend<Source: NodeSource & ~Copyable>(
        to byte: Int128, from top: TreeIndex, padding: UInt64, with source: borrowing Source
    ) throws -> TreeIndex {
        var rest = byte
        var node = top
        guard rest != 0 else { return node }
        while let left = node.leftChild, let right = node.rightChild {
            guard let stored = try source.nodeWithProvenSize(at: left) else { return node }
            let size = stored.size(withoutPadding: padding)
            if rest == size { return left }
            if rest < size {
                node = left
            } else {
                rest -= size
                node = right
            }
        }
        return node
    }
}
