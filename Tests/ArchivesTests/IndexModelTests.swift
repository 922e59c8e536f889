import Feeds
import Testing

@testable import Archives

/// Random changes against a dictionary, with every version that can be read kept and compared.
@Suite struct IndexModelTests {
    typealias Model = [[UInt8]: [UInt8]?]

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `agrees with a dictionary through all versions`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        let keyCount = [12, 60, 300][Int(seed % 3)]
        try withIndex { store, writer in
            var model: Model = [:]
            var versions: [(version: UInt64, model: Model)] = []
            try store.write { transaction in
                for _ in 0..<120 {
                    try change(
                        &model, writer, keyCount: keyCount, using: &numbers, in: transaction)
                    let version = try writer.tree.version(in: transaction.snapshot)
                    versions.append((version, model))
                }
            }
            try store.read { snapshot in
                for (version, model) in versions {
                    let tree = writer.tree.checkout(version)
                    try expect(tree, model, seed, using: &numbers, in: snapshot)
                }
                for _ in 0..<60 {
                    guard let left = versions.randomElement(using: &numbers),
                        let right = versions.randomElement(using: &numbers)
                    else { return }
                    try expectDifferences(
                        writer.tree, left, right, seed, using: &numbers, in: snapshot)
                }
            }
        }
    }

    /// One put or removal, or a batch of some.
    private func change(
        _ model: inout Model, _ writer: IndexWriter, keyCount: Int,
        using numbers: inout SeededNumbers, in transaction: borrowing StoreTransaction
    ) throws {
        // Phases in which removals prevail make the tree shrink through all its depths.
        let favoursRemoval = (numbers.next() >> 60) < 5
        var batch = IndexBatch(writer)
        for _ in 0..<Int.random(in: 1...12, using: &numbers) {
            let key = Array("key\(Int.random(in: 0..<keyCount, using: &numbers))".utf8)
            if Bool.random(using: &numbers) || favoursRemoval {
                let wasThere = try batch.remove(key, in: transaction) != nil
                #expect(wasThere == (model[key] != nil))
                model[key] = nil
            } else {
                let value: [UInt8]? =
                    Int.random(in: 0..<9, using: &numbers) == 0
                    ? nil : Array("\(numbers.next() >> 40)".utf8)
                try batch.put(key, value, in: transaction)
                model.updateValue(value, forKey: key)
            }
            #expect(
                try batch.entry(for: key, in: transaction.snapshot)?.value == model[key] ?? nil)
        }
        try batch.commit(in: transaction)
    }

    private func expect(
        _ tree: IndexTree, _ model: Model, _ seed: UInt64, using numbers: inout SeededNumbers,
        in snapshot: borrowing StoreSnapshot
    ) throws {
        let sorted = model.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let all = try tree.all(snapshot)
        #expect(all.map(\.key) == sorted.map(\.key), "seed \(seed)")
        #expect(all.map(\.value) == sorted.map(\.value), "seed \(seed)")
        #expect(try tree.all(reversed: true, snapshot) == all.reversed(), "seed \(seed)")
        let some = Array("key\(Int.random(in: 0..<300, using: &numbers))".utf8)
        let entry = try tree.entry(for: some, in: snapshot)
        #expect(entry == all.first { $0.key == some }, "seed \(seed)")

        let range = randomRange(using: &numbers)
        let reversed = Bool.random(using: &numbers)
        let limit = Int.random(in: 0..<9, using: &numbers)
        let inRange = all.filter { contains(range, $0.key) }
        #expect(
            try tree.all(in: range, reversed: reversed, limit: limit, snapshot)
                == Array((reversed ? inRange.reversed() : inRange).prefix(limit)),
            "seed \(seed): \(range)")
        try expectBalance(tree, seed, in: snapshot)
    }

    private func randomRange(using numbers: inout SeededNumbers) -> IndexRange {
        func bound(_ numbers: inout SeededNumbers) -> IndexRange.Bound? {
            let key = Array("key\(Int.random(in: 0..<300, using: &numbers))".utf8)
            switch Int.random(in: 0..<5, using: &numbers) {
            case 0: return nil
            case 1, 2: return .included(key)
            default: return .excluded(key)
            }
        }
        return IndexRange(from: bound(&numbers), to: bound(&numbers))
    }

    private func contains(_ range: IndexRange, _ key: [UInt8]) -> Bool {
        key.withUnsafeBytes { range.startsAtOrBefore($0) && range.endsAtOrAfter($0) }
    }

    /// All leaves are equally deep, and every node but the root is half full at least.
    private func expectBalance(
        _ tree: IndexTree, _ seed: UInt64, in snapshot: borrowing StoreSnapshot
    ) throws {
        let version = try tree.version(in: snapshot)
        guard version > 1 else { return }
        var depths: Set<Int> = []
        var waiting = [(NodeReference(seq: version - 1, offset: 0), 0)]
        while let (reference, depth) = waiting.popLast() {
            let node = try snapshot.indexNode(reference, of: tree.feed, isRoot: depth == 0)
            #expect(node.keys.count <= 8 && (depth == 0 || node.keys.count >= 4), "seed \(seed)")
            if node.isLeaf { depths.insert(depth) }
            waiting += node.children.map { ($0, depth + 1) }
        }
        #expect(depths.count == 1, "seed \(seed)")
    }

    private func expectDifferences(
        _ tree: IndexTree, _ left: (version: UInt64, model: Model),
        _ right: (version: UInt64, model: Model), _ seed: UInt64,
        using numbers: inout SeededNumbers, in snapshot: borrowing StoreSnapshot
    ) throws {
        let (leftTree, rightTree) = (tree.checkout(left.version), tree.checkout(right.version))
        let range = randomRange(using: &numbers)
        let lefts = try leftTree.all(in: range, snapshot)
        let rights = try rightTree.all(in: range, snapshot)
        let leftByKey = Dictionary(uniqueKeysWithValues: lefts.map { ($0.key, $0) })
        let rightByKey = Dictionary(uniqueKeysWithValues: rights.map { ($0.key, $0) })
        let keys = Set(leftByKey.keys).union(rightByKey.keys)
            .filter { leftByKey[$0]?.seq != rightByKey[$0]?.seq }
            .sorted { $0.lexicographicallyPrecedes($1) }
        let found = try leftTree.allDifferences(from: rightTree, in: range, snapshot)
        #expect(found.map(\.left) == keys.map { leftByKey[$0] }, "seed \(seed)")
        #expect(found.map(\.right) == keys.map { rightByKey[$0] }, "seed \(seed)")
    }
}
