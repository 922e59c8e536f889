extension TreeEditor {
    /// The blocks of the batch in order, to be appended at once.
    ///
    /// A node that a later operation rewrote is left out of the earlier block. The gaps are filled
    /// from the end, exactly as the reference implementation does it: bytes depend on it.
    consuming func blocks() -> [[UInt8]] {
        var blocks: [[UInt8]] = []
        blocks.reserveCapacity(operations.count)
        var scratch = ProtobufWriter()
        let final = operations.count - 1
        for (position, operation) in operations.enumerated() {
            let seq = base + UInt64(position)
            let nodes =
                position == final
                ? operation.nodes : Self.survivors(of: operation.nodes, seq: seq)
            scratch.bytes.removeAll(keepingCapacity: true)
            for child in nodes { scratch.write(level: child.node) }
            blocks.append(
                IndexBlock.encode(
                    key: operation.key, value: operation.value, index: scratch.bytes))
        }
        return blocks
    }

    /// The nodes that still belong to a block, renumbered.
    private static func survivors(of nodes: [TreeChild], seq: UInt64) -> [TreeChild] {
        var nodes = nodes
        var position = 0
        var isRoot = true
        while position < nodes.count {
            // The root of every operation but the last is replaced by the next one.
            if !isRoot, nodes[position].seq == seq {
                nodes[position].offset = UInt64(position)
                position += 1
                continue
            }
            isRoot = false
            let last = nodes.removeLast()
            if position < nodes.count { nodes[position] = last }
        }
        return nodes
    }
}

extension ProtobufWriter {
    /// Writes a tree node as one level of an index.
    fileprivate mutating func write(level node: TreeNode?) {
        guard let node else { return }
        var keyBytes = 0
        for key in node.keys { keyBytes += Self.byteCount(ofVarint: key.seq) }
        var childBytes = 0
        for child in node.children {
            childBytes +=
                Self.byteCount(ofVarint: child.seq) + Self.byteCount(ofVarint: child.offset)
        }
        bytes.append(0x0a)
        write(varint: UInt64(Self.fieldByteCount(keyBytes) + Self.fieldByteCount(childBytes)))
        if keyBytes > 0 {
            bytes.append(0x0a)
            write(varint: UInt64(keyBytes))
            for key in node.keys { write(varint: key.seq) }
        }
        if childBytes > 0 {
            bytes.append(0x12)
            write(varint: UInt64(childBytes))
            for child in node.children {
                write(varint: child.seq)
                write(varint: child.offset)
            }
        }
    }

    private static func fieldByteCount(_ count: Int) -> Int {
        count == 0 ? 0 : 1 + byteCount(ofVarint: UInt64(count)) + count
    }
}
