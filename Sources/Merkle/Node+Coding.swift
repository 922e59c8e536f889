public import CompactEncoding
import Cryptography

extension Node: CompactEncodable, CompactDecodable {
    /// The fewest bytes that a node takes.
    static let minimumByteCount = 2 + Digest.byteCount

    /// Writes index, size and hash.
    public func encode(to encoder: inout CompactEncoder) {
        encoder.writeUInt(index.value)
        encoder.writeUInt(size)
        encoder.write(hash)
    }

    /// Reads index, size and hash.
    public init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        let index = TreeIndex(try decoder.readUInt())
        let size = try decoder.readUInt()
        self.init(index: index, size: size, hash: try decoder.readFixedBytes(Digest.self))
    }
}

extension CompactEncoder {
    mutating func write(_ bytes: some FixedBytes) {
        bytes.withUnsafeBytes { writeFixed($0) }
    }

    mutating func write(_ nodes: [Node]) {
        writeArrayCount(nodes.count)
        for node in nodes { node.encode(to: &self) }
    }
}

extension CompactDecoder {
    mutating func readFixedBytes<Value: FixedBytes>(
        _ type: Value.Type
    ) throws(CompactDecodingError) -> Value {
        guard let value = Value(try readFixed(byteCount: Value.byteCount)) else {
            throw .outOfBounds
        }
        return value
    }

    mutating func readNodes(
        limit: Int = Limits.maximumNodesPerList
    ) throws(CompactDecodingError) -> [Node] {
        let count = try readCount(of: Node.minimumByteCount, limit: limit)
        guard count > 0 else { return [] }
        var nodes: [Node] = []
        nodes.reserveCapacity(count)
        for _ in 0..<count {
            nodes.append(try Node(from: &self))
        }
        return nodes
    }

    mutating func readCount(
        of itemByteCount: Int, limit: Int
    ) throws(CompactDecodingError) -> Int {
        let count = try readArrayCount(minimumItemByteCount: itemByteCount)
        guard count <= limit else { throw .arrayTooLarge }
        return count
    }
}
