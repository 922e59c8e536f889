/// What far ends were asked for when they hung up, to find the block that they cannot stand.
///
/// Some versions of Hypercore end the whole connection when they cannot prove one block. Blocks
/// that were asked for at two such ends in a row are asked for one at a time from then on; over
/// which alone it ends again is not asked of them any more.
struct HangUps {
    private var lastAsked: Set<UInt64> = []
    private(set) var risks: Set<UInt64> = []
    private(set) var never: Set<UInt64> = []

    var isEmpty: Bool { risks.isEmpty && never.isEmpty }

    /// Notes what was not answered; the block that is to blame, once it is known.
    mutating func note(_ asked: Set<UInt64>) -> UInt64? {
        guard !asked.isEmpty else { return nil }
        if asked.count == 1, let block = asked.first, risks.remove(block) != nil {
            if never.count < SyncLimits.riskCount { never.insert(block) }
            return block
        }
        for block in asked.intersection(lastAsked) where risks.count < SyncLimits.riskCount {
            risks.insert(block)
        }
        lastAsked = asked
        return nil
    }
}
