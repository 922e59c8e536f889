import Cryptography

/// Decides what stands at a path, given the current statement of every writer about it.
///
/// A statement is superseded if another one knew it. Within one writer the feed gives the order,
/// so there is one statement a writer, and nobody has to look at older ones: a writer's vector of
/// a path only grows, therefore a chain of three is broken by the statement in its middle.
///
/// Two statements that claim to know each other, or longer rings, cannot come about unless
/// somebody lies. None in a ring supersedes another in it; what they knew besides is superseded.
/// So a lie can show too much, and never hides what an honest writer said in answer to it.
package enum Resolution {
    /// The statements that remain, as positions in what was given.
    ///
    /// Each group is one version: its members are the same but for their writers. The first group
    /// is shown, the first member of a group speaks for it. More than one group is a conflict.
    package static func groups(of statements: [Statement]) -> [[Int]] {
        guard statements.count > 1 else { return statements.isEmpty ? [] : [[0]] }
        var remaining = unsuperseded(statements)
        remaining.sort { statements[$0].isShownBefore(statements[$1]) }
        var groups: [[Int]] = []
        var known: [Statement.Sameness: Int] = [:]
        for index in remaining {
            if let sameness = statements[index].sameness {
                if let group = known[sameness] {
                    groups[group].append(index)
                    continue
                }
                known[sameness] = groups.count
            }
            groups.append([index])
        }
        return groups
    }

    private static func unsuperseded(_ statements: [Statement]) -> [Int] {
        if statements.count == 2 {
            let claims = statements[0].claims(statements[1])
            guard claims != statements[1].claims(statements[0]) else { return [0, 1] }
            return claims ? [0] : [1]
        }
        return ClaimGraph(statements).unsuperseded()
    }
}

/// Who knew whom: an edge from each statement to those that it claims to have known.
struct ClaimGraph {
    private var known: [[Int]]
    private var knowers: [[Int]]

    init(_ statements: [Statement]) {
        known = Array(repeating: [], count: statements.count)
        knowers = known
        let indices = Dictionary(
            statements.enumerated().map { ($1.link, $0) }, uniquingKeysWith: { first, _ in first })
        for (index, statement) in statements.enumerated() {
            for (link, position) in statement.seen.positions {
                guard let other = indices[link], other != index,
                    position >= statements[other].position
                else { continue }
                known[index].append(other)
                knowers[other].append(index)
            }
        }
    }

    /// All statements that nobody knew but others in the same ring; most often: nobody.
    func unsuperseded() -> [Int] {
        let ring = rings()
        return knowers.indices.filter { index in
            knowers[index].allSatisfy { ring[$0] == ring[index] }
        }
    }

    /// The ring of each statement, named by one of its members; most are alone in theirs.
    ///
    /// Kosaraju's way: whoever is finished last among the rest heads a ring, and of the rest the
    /// ring is what leads to it.
    private func rings() -> [Int] {
        var order: [Int] = []
        order.reserveCapacity(known.count)
        var isReached = Array(repeating: false, count: known.count)
        for index in known.indices {
            reach(index, along: known, marking: &isReached) { order.append($0) }
        }
        var rings = Array(known.indices)
        isReached = Array(repeating: false, count: known.count)
        for head in order.reversed() {
            reach(head, along: knowers, marking: &isReached) { rings[$0] = head }
        }
        return rings
    }

    /// Walks depth first without recursion, for a liar may build a long chain.
    private func reach(
        _ start: Int, along edges: [[Int]], marking isReached: inout [Bool],
        finished: (Int) -> Void
    ) {
        guard !isReached[start] else { return }
        isReached[start] = true
        var path = [(index: start, next: 0)]
        while let (index, next) = path.last {
            guard next < edges[index].count else {
                finished(index)
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            let other = edges[index][next]
            guard !isReached[other] else { continue }
            isReached[other] = true
            path.append((other, 0))
        }
    }
}
