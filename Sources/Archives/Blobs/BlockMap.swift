import CompactEncoding

/// The list of the blocks that make up the content of a blob with a block map.
struct BlockMap: Sendable {
    struct Entry: Sendable, Hashable {
        let index: UInt64
        let byteLength: UInt64
    }

    var entries: [Entry] = []

    /// The map blocks; an empty list has none.
    var blocks: [[UInt8]] {
        stride(from: 0, to: entries.count, by: ArchiveLimits.mapEntriesPerBlock).map { start in
            let end = min(entries.count, start + ArchiveLimits.mapEntriesPerBlock)
            return MapBlock(entries: Array(entries[start..<end])).encoded
        }
    }

    /// Adds the entries of a map block; the sizes must add up to a number that can be held.
    mutating func append(decoding bytes: UnsafeRawBufferPointer) throws(CompactDecodingError) {
        entries.append(contentsOf: try MapBlock(decoding: bytes).entries)
    }
}

/// One map block: a version and a list of entries.
private struct MapBlock: CompactEncodable, CompactDecodable {
    var entries: [BlockMap.Entry]

    init(entries: [BlockMap.Entry]) { self.entries = entries }

    func encode(to encoder: inout CompactEncoder) {
        encoder.writeUInt(0)
        encoder.writeUInt(UInt64(entries.count))
        for entry in entries {
            encoder.writeUInt(entry.index)
            encoder.writeUInt(entry.byteLength)
        }
    }

    init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        guard try decoder.readUInt() == 0 else { throw .invalidValue }
        let count = try decoder.readArrayCount(minimumItemByteCount: 2)
        entries = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let index = try decoder.readUInt()
            entries.append(BlockMap.Entry(index: index, byteLength: try decoder.readUInt()))
        }
    }
}
