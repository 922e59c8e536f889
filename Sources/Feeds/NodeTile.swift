import Cryptography
package import Merkle

/// A tile of tree nodes that a write transaction changes.
///
/// Its slots are unpacked here; `write(to:)` leaves out the empty ones.
/// See `Tables` for the layout of the value.
final class NodeTile {
    static let headByteCount = 8
    static let nodeByteCount = 40

    let position: TilePosition
    private(set) var present: UInt32 = 0
    private(set) var unproven: UInt32 = 0
    var isChanged = false
    private let slots: UnsafeMutableRawPointer

    init(position: TilePosition) {
        self.position = position
        slots = .allocate(
            byteCount: TilePosition.slotCount * Self.nodeByteCount, alignment: 8)
    }

    convenience init(position: TilePosition, packed: PackedTile) {
        self.init(position: position)
        present = packed.present
        unproven = packed.unproven
        var rest = present
        var from = 0
        while rest != 0 {
            let slot = rest.trailingZeroBitCount
            rest &= rest &- 1
            (slots + slot * Self.nodeByteCount).copyMemory(
                from: packed.nodes + from * Self.nodeByteCount, byteCount: Self.nodeByteCount)
            from += 1
        }
    }

    deinit { slots.deallocate() }

    func node(inSlot slot: Int, index: TreeIndex) -> StoredNode? {
        guard present & 1 << UInt32(slot) != 0 else { return nil }
        let start = UnsafeRawPointer(slots) + slot * Self.nodeByteCount
        return StoredNode(
            node: Node(
                index: index, size: UInt64(littleEndian: start.load(as: UInt64.self)),
                hash: Digest(unsafeCopying: start + 8)),
            isSizeProven: unproven & 1 << UInt32(slot) == 0)
    }

    func set(_ node: Node, inSlot slot: Int, isSizeProven: Bool) {
        let start = slots + slot * Self.nodeByteCount
        start.storeBytes(of: node.size.littleEndian, as: UInt64.self)
        node.hash.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { (start + 8).copyMemory(from: base, byteCount: 32) }
        }
        let bit: UInt32 = 1 << UInt32(slot)
        present |= bit
        if isSizeProven { unproven &= ~bit } else { unproven |= bit }
        isChanged = true
    }

    /// Forgets the nodes that reach to a block or beyond it.
    func removeNodes(reaching block: UInt64) {
        var rest = present
        while rest != 0 {
            let slot = rest.trailingZeroBitCount
            rest &= rest &- 1
            let index = position.index(ofSlot: slot)
            guard index.lastBlock >= block else { continue }
            present &= ~(1 << UInt32(slot))
            unproven &= present
            isChanged = true
        }
    }

    var byteCount: Int { Self.headByteCount + present.nonzeroBitCount * Self.nodeByteCount }

    /// Writes the packed form, which takes `byteCount` bytes.
    func write(to value: UnsafeMutableRawBufferPointer) {
        guard let base = value.baseAddress else { return }
        base.storeBytes(of: present.littleEndian, as: UInt32.self)
        (base + 4).storeBytes(of: unproven.littleEndian, as: UInt32.self)
        var rest = present
        var to = base + Self.headByteCount
        while rest != 0 {
            let slot = rest.trailingZeroBitCount
            rest &= rest &- 1
            to.copyMemory(
                from: slots + slot * Self.nodeByteCount, byteCount: Self.nodeByteCount)
            to += Self.nodeByteCount
        }
    }
}

/// A node with what is known of its size.
///
/// The sizes of the first two nodes of a hash or seek list are bound by their sum alone; until a
/// block below has been checked through them, they must not decide byte offsets.
package struct StoredNode: Hashable, Sendable {
    package var node: Node
    package var isSizeProven: Bool

    package init(node: Node, isSizeProven: Bool) {
        self.node = node
        self.isSizeProven = isSizeProven
    }
}

/// The packed form of a tile, read in place.
struct PackedTile {
    let present: UInt32
    let unproven: UInt32
    let nodes: UnsafeRawPointer

    /// `nil` if the value is not one that a tile was written to.
    init?(_ value: UnsafeRawBufferPointer) {
        guard value.count >= NodeTile.headByteCount, let base = value.baseAddress else {
            return nil
        }
        present = UInt32(littleEndian: base.loadUnaligned(as: UInt32.self))
        unproven = UInt32(littleEndian: (base + 4).loadUnaligned(as: UInt32.self))
        nodes = base + NodeTile.headByteCount
        let byteCount = NodeTile.headByteCount + present.nonzeroBitCount * NodeTile.nodeByteCount
        guard value.count == byteCount, present >> UInt32(TilePosition.slotCount) == 0,
            unproven & ~present == 0
        else { return nil }
    }

    @inline(__always)
    func node(inSlot slot: Int, index: TreeIndex) -> StoredNode? {
        let bit: UInt32 = 1 << UInt32(slot)
        guard present & bit != 0 else { return nil }
        let start = nodes + (present & (bit &- 1)).nonzeroBitCount * NodeTile.nodeByteCount
        return StoredNode(
            node: Node(
                index: index, size: UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)),
                hash: Digest(unsafeCopying: start + 8)),
            isSizeProven: unproven & bit == 0)
    }
}
