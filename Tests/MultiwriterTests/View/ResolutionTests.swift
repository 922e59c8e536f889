import Cryptography
import Multiwriter
import Testing

/// A path as its writers know it: `A3` is what writer A said at position 3 of its index.
private struct OnePath {
    private var statements: [Statement] = []
    private var names: [String] = []

    /// Lets a writer speak, having seen what is listed.
    mutating func says(
        _ name: String, seen: [String] = [], mtime: Int64? = nil, _ content: String? = nil
    ) {
        var vector = SeenVector()
        for other in seen { vector.see(Self.link(other), upTo: Self.position(other)) }
        let sameness: Statement.Sameness? =
            switch content {
            case nil: nil
            case "x": .deletion
            case let text?: .pointer(.symlink, target: text)
            }
        statements.append(
            Statement(
                link: Self.link(name), position: Self.position(name), seen: vector,
                mtime: mtime.map { Timestamp(seconds: $0) }, sameness: sameness))
        names.append(name)
    }

    /// What remains, first shown first; equals joined by `=`.
    var view: String {
        Resolution.groups(of: statements).map { group in
            group.map { names[$0] }.joined(separator: "=")
        }.joined(separator: " ")
    }

    static func link(_ name: String) -> FeedKey {
        var bytes = [UInt8](repeating: 0, count: 32)
        bytes[0] = name.utf8.first ?? 0
        return FeedKey(Digest(bytes) ?? .zero)
    }

    static func position(_ name: String) -> UInt64 { UInt64(name.dropFirst()) ?? 0 }
}

@Suite struct ResolutionTests {
    @Test func `one writer alone is right`() {
        var world = OnePath()
        world.says("A1")
        #expect(world.view == "A1")
        #expect(Resolution.groups(of: []).isEmpty)
    }

    // A1 ── B1
    @Test func `what was seen is superseded`() {
        var world = OnePath()
        world.says("A1")
        world.says("B1", seen: ["A1"])
        #expect(world.view == "B1")
    }

    // A1 ──┬── A4
    //      └── B1
    @Test func `what was changed since is in conflict`() {
        var world = OnePath()
        world.says("A4")
        world.says("B1", seen: ["A1"])
        #expect(world.view == "B1 A4")
    }

    // A1 ── B1 ── C1, and C never had A's index
    @Test func `the statement in the middle breaks the chain`() {
        var world = OnePath()
        world.says("A1")
        world.says("B1", seen: ["A1"])
        world.says("C1", seen: ["B1"])
        #expect(world.view == "C1")
    }

    // A1 ──┬── B1 ──┐
    //      └── C1 ──┴── A2
    @Test func `one who saw both ends the conflict`() {
        var world = OnePath()
        world.says("B1", seen: ["A1"])
        world.says("C1", seen: ["A1"])
        #expect(world.view == "C1 B1")
        world.says("A2", seen: ["B1", "C1"])
        #expect(world.view == "A2")
    }

    // A1 ──┬── B1 ── A2
    //      └── C1
    @Test func `one who saw one of two leaves the other`() {
        var world = OnePath()
        world.says("B1", seen: ["A1"])
        world.says("C1", seen: ["A1"])
        world.says("A2", seen: ["B1"])
        #expect(world.view == "C1 A2")
    }

    @Test func `equal statements are one, with the newer speaking`() {
        var world = OnePath()
        world.says("A1", mtime: 10, "same")
        world.says("B1", mtime: 20, "same")
        world.says("C1", mtime: 15, "other")
        #expect(world.view == "B1=A1 C1")
    }

    @Test func `unknown content equals nothing`() {
        var world = OnePath()
        world.says("A1")
        world.says("B1")
        #expect(world.view == "B1 A1")
    }

    @Test func `what lives stands before a deletion, then what is newer, then the larger link`() {
        var world = OnePath()
        world.says("D1", mtime: 99, "x")
        world.says("A1", mtime: 1, "one")
        world.says("B1", mtime: 2, "two")
        world.says("C1", "three")
        world.says("E1", mtime: 2, "four")
        #expect(world.view == "E1 B1 A1 C1 D1")
    }

    @Test func `two deletions are no conflict`() {
        var world = OnePath()
        world.says("A1", mtime: 1, "x")
        world.says("B1", mtime: 2, "x")
        #expect(world.view == "B1=A1")
    }

    // B claims to have seen what A only says later
    @Test func `two that claim each other both stay`() {
        var world = OnePath()
        world.says("A7", seen: ["B1"])
        world.says("B1", seen: ["A9000"])
        #expect(world.view == "B1 A7")
        world.says("C1", seen: ["A7"])
        #expect(world.view == "C1 B1")
        world.says("D1", seen: ["A7", "B1"])
        #expect(world.view == "D1 C1")
    }

    // A ─▶ B ─▶ C ─▶ A, and D below the ring
    @Test func `a ring hides nobody in it`() {
        var world = OnePath()
        world.says("A1", seen: ["B1"])
        world.says("B1", seen: ["C1"])
        world.says("C1", seen: ["A1", "D1"])
        world.says("D1")
        #expect(world.view == "C1 B1 A1")
        world.says("E5")
        #expect(world.view == "E5 C1 B1 A1")
        world.says("F1", seen: ["A1"])
        #expect(world.view == "F1 E5 C1 B1")
    }

    @Test func `two rings, one below the other`() {
        var world = OnePath()
        world.says("A1", seen: ["B1", "C1"])
        world.says("B1", seen: ["A1"])
        world.says("C1", seen: ["D1"])
        world.says("D1", seen: ["C1"])
        world.says("E1", seen: ["F1"])
        world.says("F1", seen: ["E1"])
        #expect(world.view == "F1 E1 D1 B1 A1")
    }

    @Test func `the order in which statements are given does not matter`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let writers = (0..<6).map { "ABCDEF".dropFirst($0).prefix(1) }
            var lines = writers.map { writer in
                let seen = writers.filter { $0 != writer && Int.random(in: 0..<3) == 0 }
                    .map { "\($0)\(Int.random(in: 0..<4))" }
                return (name: "\(writer)\(Int.random(in: 1..<4))", seen: seen)
            }
            var views: Set<String> = []
            for _ in 0..<4 {
                lines.shuffle(using: &generator)
                var world = OnePath()
                for line in lines { world.says(line.name, seen: line.seen) }
                views.insert(world.view)
                #expect(!world.view.isEmpty)
            }
            #expect(views.count == 1, "\(lines)")
        }
    }

    @Test func `a thousand writers of one path are settled at once`() {
        var statements: [Statement] = []
        for number in 0..<1000 {
            var bytes = [UInt8](repeating: 0, count: 32)
            bytes[0] = UInt8(number >> 8)
            bytes[1] = UInt8(number & 255)
            let link = FeedKey(Digest(bytes) ?? .zero)
            var seen = SeenVector()
            for statement in statements { seen.see(statement.link, upTo: statement.position) }
            statements.append(
                Statement(
                    link: link, position: UInt64(number), seen: seen, mtime: nil, sameness: nil))
        }
        #expect(Resolution.groups(of: statements) == [[999]])
    }
}
