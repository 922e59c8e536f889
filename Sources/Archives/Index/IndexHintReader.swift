/// Takes one peer's answers to our hints about one index: the blocks that are worth fetching.
///
/// A peer that was not asked is not listened to, and one that was may name as many blocks as an
/// honest answer has. See docs/formats/index.md#hints.
public struct IndexHintReader: Sendable {
    /// Blocks that the peer may still name.
    private var credit = 0

    /// Begins with a peer that was asked nothing.
    public init() {}

    /// Notes that a hint was sent to the peer, which may answer it once.
    public mutating func noteSent(_ hint: IndexHint) {
        var count = 0
        if hint.get != nil { count += ArchiveLimits.maximumLookupBlocks }
        if hint.iterator != nil { count += ArchiveLimits.maximumHintBlocks }
        credit = min(credit + count, ArchiveLimits.maximumHintedBlocks)
    }

    /// The blocks below a length that an answer names, in the order of the lookup; each once.
    public mutating func blocks(in cache: IndexHint.Cache, below length: UInt64) -> [UInt64] {
        let taken = min(credit, cache.blocks.count)
        // An answer that names nothing costs something as well.
        credit -= min(credit, max(1, cache.blocks.count))
        guard taken > 0 else { return [] }
        var seen: Set<UInt64> = []
        return cache.wantedBlocks(below: length).prefix(taken).filter { seen.insert($0).inserted }
    }
}

extension IndexIterator {
    /// The message that tells a peer which blocks the walk is about to need.
    ///
    /// It says where the walk stands, so that the answer begins there.
    public func hint(limit: Int? = nil) -> IndexHint {
        var iterator = IndexHint.Iterator(range, version: version)
        iterator.reverse = isReversed
        iterator.limit = UInt64(max(0, limit ?? remaining ?? 0))
        guard isOpen else { return IndexHint(iterator: iterator) }
        for frame in stack where frame.position >= 0 {
            iterator.checkpoint += [
                frame.node.reference.seq, frame.node.reference.offset, UInt64(frame.position),
            ]
        }
        return IndexHint(iterator: iterator)
    }
}

extension IndexHint.Iterator {
    init(_ range: IndexRange, version: UInt64) {
        self.init()
        self.version = version
        switch range.lower {
        case .included(let key): gte = key
        case .excluded(let key): gt = key
        case nil: break
        }
        switch range.upper {
        case .included(let key): lte = key
        case .excluded(let key): lt = key
        case nil: break
        }
    }
}
