/// Where a byte of a feed is.
public enum BytePosition: Hashable, Sendable {
    /// In this block, so many bytes after its beginning; the block after the last one at the end.
    case found(block: UInt64, offset: UInt64)
    /// Below this node, so many bytes after its beginning; a node below it is not stored, or its
    /// size is not proven.
    case below(TreeIndex, offset: UInt64)
    /// Behind the last byte.
    case beyondEnd
}

extension TreeRoots {
    /// The bytes before a block, or before the first block below a node.
    ///
    /// `nil` if a node that is needed is not stored, or the index lies outside of the tree.
    public func byteOffset<Source: NodeSource & ~Copyable>(
        of index: TreeIndex, from source: borrowing Source
    ) throws -> UInt64? {
        let leaf = index.leftSpan
        if leaf.value == length &* 2 { return byteLength }
        var offset: UInt64 = 0
        for root in nodes {
            guard root.index.contains(leaf) else {
                offset += root.size
                continue
            }
            var node = root.index
            while node != leaf, let left = node.leftChild, let right = node.rightChild {
                if leaf < node {
                    node = left
                } else {
                    guard let stored = try source.nodeWithProvenSize(at: left) else { return nil }
                    offset &+= stored.size
                    node = right
                }
            }
            return offset
        }
        return nil
    }

    /// The bytes before a block; the length of the feed stands for its end.
    ///
    /// `nil` if a node that is needed is not stored, or there is no such block.
    public func byteOffset<Source: NodeSource & ~Copyable>(
        ofBlock block: UInt64, from source: borrowing Source
    ) throws -> UInt64? {
        guard block <= length else { return nil }
        return try byteOffset(of: TreeIndex(block: block), from: source)
    }

    /// The block that holds a byte, found by descending from the roots.
    ///
    /// `padding` bytes of every block do not count. With empty blocks around a boundary the answer
    /// may be an empty block; everyone must agree on it.
    public func position<Source: NodeSource & ~Copyable>(
        ofByte byte: UInt64, padding: UInt64 = 0, from source: borrowing Source
    ) throws -> BytePosition {
        guard byte > 0 else { return .found(block: 0, offset: 0) }
        guard padding <= Limits.maximumPadding else { return .beyondEnd }
        var rest = Int128(byte)
        for root in nodes {
            let size = root.size(withoutPadding: padding)
            if rest == size { return .found(block: root.index.lastBlock + 1, offset: 0) }
            guard rest < size else {
                rest -= size
                continue
            }
            return try position(of: rest, below: root.index, padding: padding, from: source)
        }
        return .beyondEnd
    }

    private func position<Source: NodeSource & ~Copyable>(
        of byte: Int128, below root: TreeIndex, padding: UInt64, from source: borrowing Source
    ) throws -> BytePosition {
        var rest = byte
        var node = root
        while let left = node.leftChild, let right = node.rightChild {
            guard let stored = try source.nodeWithProvenSize(at: left) else {
                return .below(node, offset: UInt64(clamping: rest))
            }
            let size = stored.size(withoutPadding: padding)
            if rest == size { return .found(block: left.lastBlock + 1, offset: 0) }
            if rest < size {
                node = left
            } else {
                rest -= size
                node = right
            }
        }
        return .found(block: node.firstBlock, offset: UInt64(clamping: rest))
    }
}

extension Node {
    /// The bytes below that count; a padding that was never there makes it negative.
    func size(withoutPadding padding: UInt64) -> Int128 {
        padding == 0 ? Int128(size) : Int128(size) - Int128(padding) * Int128(index.blockCount)
    }
}
