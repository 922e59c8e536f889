package import Merkle

/// The stored nodes of one feed, as the proofs want to see them.
///
/// Valid for as long as the transaction it comes from, and in a snapshot it remembers the tiles of
/// the last climb, so that a proof reads each of them once.
package struct FeedTree: NodeSource {
    let reader: StoreReader
    let number: UInt32
    let state: FeedState?
    private let recent = RecentTiles()

    init(reader: StoreReader, number: UInt32, state: FeedState?) {
        self.reader = reader
        self.number = number
        self.state = state
    }

    /// The stored node, with what is known of its size.
    package func stored(at index: TreeIndex) throws -> StoredNode? {
        if let state { return try state.tiles.node(at: index) }
        let (position, slot) = TilePosition.of(index)
        guard let tile = try recent.tile(position, load: { try reader.tile($0, ofFeed: number) })
        else { return nil }
        return tile.node(inSlot: slot, index: index)
    }

    package func node(at index: TreeIndex) throws -> Node? { try stored(at: index)?.node }

    package func nodeWithProvenSize(at index: TreeIndex) throws -> Node? {
        guard let stored = try stored(at: index), stored.isSizeProven else { return nil }
        return stored.node
    }
}

/// The tile last read at each of the lower levels of a tree.
private final class RecentTiles {
    private var low: (number: UInt64, tile: PackedTile?) = (.max, nil)
    private var middle: (number: UInt64, tile: PackedTile?) = (.max, nil)
    private var high: (number: UInt64, tile: PackedTile?) = (.max, nil)

    func tile(
        _ position: TilePosition, load: (TilePosition) throws -> PackedTile?
    ) throws -> PackedTile? {
        switch position.level {
        case 0: try Self.tile(position, in: &low, load: load)
        case 1: try Self.tile(position, in: &middle, load: load)
        default: try Self.tile(position, in: &high, load: load)
        }
    }

    private static func tile(
        _ position: TilePosition, in place: inout (number: UInt64, tile: PackedTile?),
        load: (TilePosition) throws -> PackedTile?
    ) throws -> PackedTile? {
        if place.number != position.number {
            place = (position.number, try load(position))
        }
        return place.tile
    }
}
