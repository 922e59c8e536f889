public import Cryptography

/// What a writer had seen of one path when it wrote its entry: the newest position of every other
/// writer who had an entry there.
public struct SeenVector: Hashable, Sendable {
    private var items: [Item] = []

    private struct Item: Hashable, Sendable {
        let link: FeedKey
        var position: UInt64
    }

    /// Makes an empty vector.
    public init() {}

    /// The number of writers named.
    public var count: Int { items.count }

    /// True if nobody is named.
    public var isEmpty: Bool { items.isEmpty }

    /// The position of a writer up to which, inclusively, its entries were seen.
    public subscript(link: FeedKey) -> UInt64? {
        let index = firstIndex(notBelow: link)
        return index < items.count && items[index].link == link ? items[index].position : nil
    }

    /// Remembers that a position was seen; an older one never replaces a newer one.
    public mutating func see(_ link: FeedKey, upTo position: UInt64) {
        let index = firstIndex(notBelow: link)
        if index < items.count, items[index].link == link {
            items[index].position = max(items[index].position, position)
        } else {
            items.insert(Item(link: link, position: position), at: index)
        }
    }

    /// Forgets a writer.
    public mutating func forget(_ link: FeedKey) { items.removeAll { $0.link == link } }

    /// All that is named, sorted by link.
    public var positions: [(link: FeedKey, position: UInt64)] {
        items.map { ($0.link, $0.position) }
    }

    private func firstIndex(notBelow link: FeedKey) -> Int {
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            if items[middle].link < link { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
