/// A key of an index with its value and the block that holds both.
public struct IndexEntry: Sendable, Hashable {
    /// The number of the block, which names this state of the key for ever.
    public let seq: UInt64
    /// The key.
    public let key: [UInt8]
    /// The value, which may be absent or empty.
    public let value: [UInt8]?

    init(seq: UInt64, key: [UInt8], value: [UInt8]?) {
        self.seq = seq
        self.key = key
        self.value = value
    }

    init(seq: UInt64, _ block: IndexBlock) {
        self.init(seq: seq, key: Array(block.key), value: block.value.map { Array($0) })
    }
}
