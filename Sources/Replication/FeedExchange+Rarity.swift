import Merkle

/// A peer as the search for rare blocks sees it.
private struct Holder {
    let slot: Int
    let has: BlockSet
    let provable: UInt64
    var room: Int
    /// Blocks, as bits of words, that only this peer holds, and that one other holds as well.
    var single: [(place: UInt64, bits: UInt64)] = []
    var double: [(place: UInt64, bits: UInt64)] = []

    func word(_ place: UInt64) -> UInt64 {
        let start = place * 64
        guard start < provable else { return 0 }
        let bits = has.word(place)
        return provable - start < 64 ? bits & ((1 << (provable - start)) - 1) : bits
    }
}

extension FeedExchange {
    /// Asks for the blocks first that the fewest peers hold, in runs as they lie.
    ///
    /// Each turn looks at a part of the feed only, and goes on from there in the next.
    mutating func planRareBlocks(in ranges: [Range<UInt64>]) {
        guard var holders = rareHolders() else { return }
        searchRareBlocks(in: ranges, among: &holders)
        for step in 0..<2 {
            for index in holders.indices {
                let found = step == 0 ? holders[index].single : holders[index].double
                for (place, bits) in found where holders[index].room > 0 {
                    request(bits, at: place, from: &holders[index])
                }
            }
        }
    }

    /// The peers to compare, `nil` if none has anything that another lacks.
    private func rareHolders() -> [Holder]? {
        guard peerSlots.count > 1 else { return nil }
        var holders: [Holder] = []
        for slot in peerSlots where holders.count < limits.rareSearchPeerCount {
            guard let peer = peers[slot], peer.isUsable, !peer.isStalled else { continue }
            holders.append(
                Holder(
                    slot: slot, has: peer.has, provable: peer.provableLength(for: local),
                    room: room(slot)))
        }
        let isUneven = holders.contains { $0.has.contiguousLength < local.length }
        return holders.count > 1 && isUneven ? holders : nil
    }

    private mutating func searchRareBlocks(
        in ranges: [Range<UInt64>], among holders: inout [Holder]
    ) {
        var wordCount = limits.rareSearchWordCount
        var foundCount = 0
        let room = holders.reduce(0) { $0 + $1.room }
        for range in ranges where range.upperBound > rareCursor {
            var start = max(range.lowerBound, rareCursor, claimed.contiguousLength)
            while start < range.upperBound {
                guard wordCount > 0, foundCount < room else {
                    rareCursor = start
                    return
                }
                wordCount -= 1
                var mask = ~claimed.word(start / 64) & (.max << (start % 64))
                let left = range.upperBound - start / 64 * 64
                if left < 64 { mask &= (1 << left) - 1 }
                if mask != 0 { foundCount += count(mask, at: start / 64, among: &holders) }
                start = (start / 64 + 1) * 64
            }
        }
        rareCursor = 0
    }

    /// Sorts the blocks of a word by the number of their holders; says how many are rare.
    private func count(_ mask: UInt64, at place: UInt64, among holders: inout [Holder]) -> Int {
        var one: UInt64 = 0
        var two: UInt64 = 0
        var three: UInt64 = 0
        for holder in holders {
            let bits = holder.word(place) & mask
            three |= two & bits
            two |= one & bits
            one |= bits
        }
        let isFew = holders.count > 2
        for index in holders.indices where holders[index].room > 0 {
            let bits = holders[index].word(place) & mask
            if bits & ~two != 0 { holders[index].single.append((place, bits & ~two)) }
            if isFew, bits & two & ~three != 0 {
                holders[index].double.append((place, bits & two & ~three))
            }
        }
        return (isFew ? one & ~three : one & ~two).nonzeroBitCount
    }

    private mutating func request(
        _ bits: UInt64, at place: UInt64, from holder: inout Holder
    ) {
        // Another holder may have been asked meanwhile.
        var rest = bits & ~claimed.word(place)
        while rest != 0, holder.room > 0 {
            let bit = UInt64(rest.trailingZeroBitCount)
            let index = place * 64 + bit
            let end = index + UInt64((~(rest >> bit)).trailingZeroBitCount)
            let most = min(runBlockCount, UInt64(holder.room))
            if let run = run(at: index, below: end, maximum: most, slot: holder.slot) {
                rest &= ~(((1 << run.blockCount) &- 1) << bit)
                request(run: run, from: holder.slot)
                holder.room -= Int(run.blockCount)
            } else {
                rest &= rest &- 1
                request(index, priority: 0, from: holder.slot)
                holder.room -= 1
            }
            if holder.room == 0 { peers[holder.slot]?.roundTrip.noteFull() }
        }
    }
}
