import Merkle

/// Where a tree node is stored: a tile of the tree and a slot in it.
///
/// A tile is a triangle of 31 nodes five depths high: sixteen nodes at its foot and their
/// ancestors up to one. Level 0 holds depths 0 to 4, level 1 depths 5 to 9, and so on. Thus sixteen
/// small blocks share one value, and a climb to the root of a million blocks reads four.
struct TilePosition: Hashable {
    static let height: UInt64 = 5
    static let slotCount = 31
    /// Below these bits of a tile's number is its offset in the level.
    static let levelShift: UInt64 = 60

    /// Level and offset in one number, which is the last part of the tile's key.
    let number: UInt64

    init(number: UInt64) { self.number = number }

    init(level: UInt64, offset: UInt64) { number = (15 &- level) << Self.levelShift | offset }

    var level: UInt64 { 15 &- number >> Self.levelShift }

    var offset: UInt64 { number & (1 << Self.levelShift - 1) }

    /// The tile and the slot of a node; slots go by depth from the top, then from left to right.
    @inline(__always)
    static func of(_ index: TreeIndex) -> (tile: TilePosition, slot: Int) {
        let depth = index.depth
        let level = depth / height
        let below = height - 1 - (depth - level * height)
        let offset = index.offset
        let slot = (1 << below) - 1 + (offset & ((1 << below) - 1))
        return (TilePosition(level: level, offset: offset >> below), Int(slot))
    }

    /// The node that a slot stands for.
    func index(ofSlot slot: Int) -> TreeIndex {
        let below = UInt64((slot + 1).bitWidth - 1 - (slot + 1).leadingZeroBitCount)
        let place = UInt64(slot + 1) - (1 << below)
        return TreeIndex(
            depth: level * Self.height + Self.height - 1 - below,
            offset: offset << below | place)
    }

    /// The first tile of a level that reaches to a block or beyond it.
    static func first(level: UInt64, reaching block: UInt64) -> TilePosition {
        let depth = level * height + height - 1
        return TilePosition(level: level, offset: depth < 64 ? block >> depth : 0)
    }

    /// The number of levels that the tree of a length has.
    static func levelCount(ofLength length: UInt64) -> UInt64 {
        UInt64(64 - length.leadingZeroBitCount) / height + 1
    }

    /// The least key that no tile of a level, or of a higher one, has.
    static func firstKey(behind level: UInt64, ofFeed number: UInt32) -> IndexKey {
        level == 0
            ? IndexKey(feed: number + 1, 0)
            : IndexKey(feed: number, (16 - level) << levelShift)
    }
}
