import Foundation
import Testing

/// The program is killed at any moment; what was there before is there, and the next command works.
@Suite struct KillTests {
    static let seed =
        ProcessInfo.processInfo.environment["MDRIVE_SEED"].flatMap(UInt64.init)
        ?? UInt64.random(in: 0...999_999)

    @Test(arguments: 0..<6)
    func `an import that is killed loses nothing that was committed`(round: UInt64) async throws {
        var generator = SeededGenerator(seed: Self.seed &+ round)
        let comment = Comment(rawValue: "MDRIVE_SEED=\(Self.seed), round \(round)")
        let world = try World()
        try await world.succeed("a", "write", "before", input: "before")
        for number in 0..<300 {
            let size = Int.random(in: 0...30_000, using: &generator)
            try world.makeFile("tree/\(number % 7)/\(number)", [UInt8](repeating: 7, count: size))
        }
        var done: Set<String> = []
        // The first kill may come before anything is opened, later ones meet what was begun.
        for _ in 0..<3 {
            let talker = try Talker(world, ["a", "import", "tree"])
            let delay = Int.random(in: 0...400_000, using: &generator)
            // The moment is random on purpose; nothing is waited for.
            try await Task.sleep(for: .microseconds(delay))
            talker.program.send(SIGKILL)
            let outcome = await talker.finished()
            #expect([.exit(0), .signal(SIGKILL)].contains(outcome.ending), comment)
            let present = Set(try await world.succeed("a", "ls", "-R").lines)
            #expect(done.isSubset(of: present), comment)
            #expect(present.contains("before"), comment)
            done = present
            try await world.succeed("a", "verify")
        }
        try await world.succeed("a", "import", "tree")
        try await world.succeed("a", "export", "out")
        let differences = try Tree(world.path("tree")).differences(
            from: Tree(world.path("out/tree")))
        #expect(differences.isEmpty, comment)
        try await world.succeed("a", "verify")
    }

    @Test(arguments: 0..<3)
    func `a sync that is killed goes on later`(round: UInt64) async throws {
        var generator = SeededGenerator(seed: Self.seed &+ 1000 &+ round)
        let comment = Comment(rawValue: "MDRIVE_SEED=\(Self.seed), round \(round)")
        let world = try World()
        for number in 0..<100 {
            let size = Int.random(in: 0...200_000, using: &generator)
            try world.makeFile("tree/\(number)", [UInt8](repeating: 9, count: size))
        }
        try await world.succeed("a", "import", "tree")
        for _ in 0..<2 {
            let pair = try SyncedPair(world, ["a", "sync", "--once"], ["b", "sync", "--once"])
            let delay = Int.random(in: 0...300_000, using: &generator)
            try await Task.sleep(for: .microseconds(delay))
            pair.second.program.send(SIGKILL)
            _ = await pair.second.finished()
            _ = await pair.first.finished()
            let verified = try await world.run("b", "verify")
            #expect(verified.ending == .exit(0) || verified.errors.contains("no drive"), comment)
        }
        let pair = try SyncedPair(world, ["a", "sync", "--once"], ["b", "sync", "--once"])
        #expect(await pair.first.finished().ending == .exit(0), comment)
        #expect(await pair.second.finished().ending == .exit(0), comment)
        try await world.succeed("b", "export", "out")
        let differences = try Tree(world.path("tree")).differences(
            from: Tree(world.path("out/tree")))
        #expect(differences.isEmpty, comment)
        try await world.succeed("b", "verify")
    }

    @Test func `an import that is interrupted says how far it came, and goes on`() async throws {
        let world = try World()
        for number in 0..<3000 {
            try world.makeFile(
                "tree/\(number / 100)/\(number)", [UInt8](repeating: 7, count: number % 30_000))
        }
        let talker = try Talker(world, ["a", "import", "tree"])
        try await world.eventually("the import has begun") {
            talker.program.hasEnded || world.exists("a/data.mdb")
        }
        talker.program.send(SIGINT)
        let outcome = await talker.finished()
        if outcome.ending != .exit(0) {
            #expect(outcome.ending == .exit(1), "\(outcome)")
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("interrupted: "), "\(outcome)")
        }
        try await world.succeed("a", "import", "tree")
        try await world.succeed("a", "export", "out")
        let differences = try Tree(world.path("tree")).differences(
            from: Tree(world.path("out/tree")))
        #expect(differences.isEmpty)
    }
}
