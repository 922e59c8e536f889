import Cryptography
import Testing

@testable import Multiwriter

/// What happened at one path, with all of the past that its author knew.
private struct Happening {
    let content: String?
    let past: Set<Int>
}

/// Drives as they should be: everyone knows some happenings, and what none of the others has in its
/// past is shown.
private struct Model {
    private var happenings: [String: [Happening]] = [:]
    private var known: [[String: Set<Int>]]

    init(_ count: Int) { known = Array(repeating: [:], count: count) }

    mutating func happens(_ content: String?, at path: String, on drive: Int) {
        let past = known[drive][path, default: []]
        let number = happenings[path, default: []].count
        happenings[path, default: []].append(Happening(content: content, past: past))
        known[drive][path, default: []].insert(number)
    }

    mutating func pull(to target: Int, from source: Int) {
        for (path, numbers) in known[source] {
            known[target][path, default: []].formUnion(numbers)
        }
    }

    /// The contents that remain, sorted; `nil` is a deletion, and all deletions are one.
    func view(_ path: String, on drive: Int) -> [String] {
        let numbers = known[drive][path, default: []]
        let all = happenings[path, default: []]
        let past = numbers.reduce(into: Set<Int>()) { $0.formUnion(all[$1].past) }
        return Set(numbers.subtracting(past).map { all[$0].content ?? "deleted" }).sorted()
    }

    func isAlive(_ path: String, on drive: Int) -> Bool {
        view(path, on: drive).contains { $0 != "deleted" }
    }
}

@Suite struct DriveModelTests {
    @Test(arguments: 1...12)
    func `any order of writes, removals and meetings gives the view of the model`(seed: UInt64)
        async throws
    {
        var random = SplitMix(seed: seed)
        let count = Int.random(in: 2...4, using: &random)
        let world = try World(count)
        defer { world.drives.forEach { $0.close() } }
        var model = Model(count)
        let paths = ["f", "d/g"]
        for step in 0..<60 {
            let drive = Int.random(in: 0..<count, using: &random)
            let path = paths[Int.random(in: 0..<2, using: &random)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                try await world[drive].write(Array("\(step)".utf8), to: path)
                model.happens("\(step)", at: path, on: drive)
            case 5:
                let removed = try world[drive].removeNow(path)
                #expect((removed == 1) == model.isAlive(path, on: drive), "seed \(seed)")
                if removed == 1 { model.happens(nil, at: path, on: drive) }
            default:
                let other = Int.random(in: 0..<count, using: &random)
                guard other != drive else { continue }
                try world[drive].pull(from: world[other])
                model.pull(to: drive, from: other)
            }
        }
        for drive in 0..<count {
            for path in paths {
                let seen = try await view(path, of: world[drive])
                #expect(seen == model.view(path, on: drive), "seed \(seed), drive \(drive)")
            }
        }
        try world.gossip()
        let first = try world[0].picture()
        for drive in world.drives {
            #expect(try drive.picture() == first, "seed \(seed)")
            #expect(try await drive.entry(at: "f")?.link == world[0].entry(at: "f")?.link)
        }
    }

    private func view(_ path: String, of drive: Drive) async throws -> [String] {
        let place = try DrivePath(naming: path)
        let entry = try await drive.read {
            try drive.entry(at: place, includesDeleted: true, in: $0)
        }
        var contents: [String] = []
        for version in entry?.versions ?? [] {
            guard version.type == .file else {
                contents.append("deleted")
                continue
            }
            contents.append(
                String(
                    decoding: try await drive.contents(of: version).collected(), as: UTF8.self))
        }
        return contents.sorted()
    }
}
