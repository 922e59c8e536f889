import LMDB
import Merkle

/// The tiles of one feed that a write transaction has read or changed.
///
/// Each changed tile is written once, however many of its nodes a batch makes.
final class TileCache {
    private let reader: StoreReader
    private let number: UInt32
    private var tiles: [UInt64: NodeTile] = [:]
    private var recent: NodeTile?

    init(reader: StoreReader, number: UInt32) {
        self.reader = reader
        self.number = number
    }

    func node(at index: TreeIndex) throws -> StoredNode? {
        let (position, slot) = TilePosition.of(index)
        return try tile(position)?.node(inSlot: slot, index: index)
    }

    func set(_ node: Node, isSizeProven: Bool = true) throws {
        let (position, slot) = TilePosition.of(node.index)
        try existingOrNewTile(position).set(node, inSlot: slot, isSizeProven: isSizeProven)
    }

    /// Stores a node whose size is bound by a sum alone, unless it is stored already.
    func setUnproven(_ node: Node) throws {
        let (position, slot) = TilePosition.of(node.index)
        let tile = try existingOrNewTile(position)
        guard tile.node(inSlot: slot, index: node.index)?.node.hash != node.hash else { return }
        tile.set(node, inSlot: slot, isSizeProven: false)
    }

    private func tile(_ position: TilePosition) throws -> NodeTile? {
        if let recent, recent.position == position { return recent }
        if let tile = tiles[position.number] {
            recent = tile
            return tile
        }
        guard let packed = try reader.tile(position, ofFeed: number) else { return nil }
        return keep(NodeTile(position: position, packed: packed))
    }

    private func existingOrNewTile(_ position: TilePosition) throws -> NodeTile {
        try tile(position) ?? keep(NodeTile(position: position))
    }

    private func keep(_ tile: NodeTile) -> NodeTile {
        tiles[tile.position.number] = tile
        recent = tile
        return tile
    }

    /// Forgets the nodes that reach to a block or beyond it, here and in the table.
    func removeNodes(
        reaching block: UInt64, ofLength length: UInt64, in writing: borrowing WriteTransaction
    ) throws {
        for level in 0..<TilePosition.levelCount(ofLength: length) {
            let first = TilePosition.first(level: level, reaching: block)
            try tile(first)?.removeNodes(reaching: block)
            for tile in tiles.values
            where tile.position.level == level && tile.position.offset > first.offset {
                tiles[tile.position.number] = nil
                if recent === tile { recent = nil }
            }
            let range = KeyRange(
                from: IndexKey(feed: number, first.number + 1).bytes,
                upTo: TilePosition.firstKey(behind: level, ofFeed: number).bytes)
            try writing.delete(range, in: reader.tables.nodes)
        }
    }

    /// Writes what changed, and lets go of everything if it has become much.
    func write(to writing: borrowing WriteTransaction, mayAppend: Bool) throws {
        let changed = tiles.values.filter(\.isChanged)
            .sorted { $0.position.number < $1.position.number }
        for tile in changed {
            try IndexKey(feed: number, tile.position.number).withBytes { key in
                guard tile.present != 0 else {
                    _ = try writing.delete(key, in: reader.tables.nodes)
                    return
                }
                try writing.reserve(
                    byteCount: tile.byteCount, forKey: key, in: reader.tables.nodes,
                    append: mayAppend
                ) { tile.write(to: $0) }
            }
            tile.isChanged = false
        }
    }

    /// Whether there are so many tiles that they should be written and forgotten.
    var isLarge: Bool { tiles.count >= Limits.maximumCachedTileCount }

    func removeAll() {
        precondition(!tiles.values.contains(where: \.isChanged), "A changed tile is written first.")
        tiles.removeAll(keepingCapacity: true)
        recent = nil
    }
}
