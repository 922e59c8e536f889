/// The description of a set of items, as far as it was needed.
struct HeadSketch: Sendable {
    let itemCount: Int
    private var cursors: [(item: UInt64, cursor: HeadCursor)]
    private(set) var cells: [HeadCell] = []

    init(_ items: [UInt64]) {
        itemCount = items.count
        cursors = items.map { ($0, HeadCursor($0)) }
    }

    /// Makes the cells up to a count.
    mutating func extend(to count: Int) {
        guard count > cells.count else { return }
        cells.append(contentsOf: repeatElement(HeadCell(), count: count - cells.count))
        for position in cursors.indices {
            while cursors[position].cursor.index < count {
                let (item, cursor) = cursors[position]
                cells[Int(cursor.index)].add(item, count: 1)
                cursors[position].cursor.advance()
            }
        }
    }

    /// All items, in the order in which they were given.
    var items: [UInt64] { cursors.map(\.item) }
}

/// What two sets differ in, read from the cells of both.
///
/// The cells of the far end may be anything: it finds at most one item a cell, each at the cost of
/// the cells that the item falls into.
struct HeadDifference: Sendable {
    /// The cells of the far end without ours, and without what was found.
    private(set) var cells: [HeadCell] = []
    private var found: [(item: UInt64, sign: Int64, cursor: HeadCursor)] = []
    /// Whether the cells cannot be of any set.
    private(set) var isImpossible = false

    /// Whether everything was found that the sets differ in.
    var isComplete: Bool { !cells.isEmpty && !isImpossible && cells.allSatisfy(\.isEmpty) }

    /// Items that the far end alone has.
    var theirs: [UInt64] { found.filter { $0.sign > 0 }.map(\.item) }
    /// Items that we alone have.
    var ours: [UInt64] { found.filter { $0.sign < 0 }.map(\.item) }

    /// Takes the next cells of the far end, and ours at the same places.
    mutating func add(_ remote: [HeadCell], own: ArraySlice<HeadCell>) {
        let first = cells.count
        for (theirs, ours) in zip(remote, own) { cells.append(theirs.subtracting(ours)) }
        for position in found.indices {
            while found[position].cursor.index < cells.count {
                let (item, sign, cursor) = found[position]
                cells[Int(cursor.index)].add(item, count: -sign)
                found[position].cursor.advance()
            }
        }
        peel(from: first)
    }

    private mutating func peel(from first: Int) {
        var queue = cells.indices.dropFirst(first).filter { cells[$0].isPure }
        while let place = queue.popLast() {
            guard cells[place].isPure else { continue }
            guard found.count < cells.count else {
                isImpossible = true
                return
            }
            let item = cells[place].sum
            let sign = cells[place].count
            var cursor = HeadCursor(item)
            while cursor.index < cells.count {
                let index = Int(cursor.index)
                cells[index].add(item, count: -sign)
                if cells[index].isPure { queue.append(index) }
                cursor.advance()
            }
            found.append((item, sign, cursor))
        }
    }
}
