import Cryptography
import Foundation
import Testing

@testable import Multiwriter

/// A writer who signs what it likes, and all that its readers do: nobody but it suffers.
@Suite struct HostileWriterTests {
    @Test(arguments: HostileWriting.allCases)
    func `everything that a reader does`(writing: HostileWriting) throws {
        let world = try SyncWorld(3)
        try world.write("of 1", to: "honest1", on: 1)
        try world.write("of 2", to: "honest2", on: 2)
        try writing.sign(by: world[0], against: world[1].link)
        let start = ContinuousClock.now
        let before = residentByteCount()
        world.chunk = 65_536
        world.connect(0, 1)
        world.connect(1, 2)
        try world.run()
        for index in 1...2 {
            try look(at: world[index], writing, liar: world[0].link)
            try export(world[index], writing)
            _ = try world[index].verify()
        }
        // What honest writers do after it still arrives.
        try world.write("later", to: "later", on: 1)
        try world.run()
        #expect(try world.read("later", on: 2) == "later")
        #expect(residentByteCount() - before < 128 << 20)
        // Far more than it takes on a machine with other things to do.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    private func look(at drive: Drive, _ writing: HostileWriting, liar: FeedKey) throws {
        var names: [String] = []
        let problems = try drive.forEachEntry { names.append($0.path.name) }
        #expect(names.contains("honest2"))
        #expect(names.contains("honest1") || writing == .deletionsOfOthers)
        #expect(problems.allSatisfy { $0.link == liar }, "\(problems)")
        #expect(problems.isEmpty != writing.isProblemOfView, "\(problems)")
        for name in names {
            #expect(!name.split(separator: "/").contains(".."), "\(name)")
            #expect(!name.utf8.contains(0))
            guard let version = try drive.entryNow(at: name)?.versions.first else { continue }
            // Either the bytes that the writer signed, or an error; never for ever.
            try? Self.read(version, of: drive)
        }
        if !writing.competes {
            let entry = try #require(try drive.entryNow(at: "honest1"))
            #expect(entry.versions.count == 1)
            try Self.read(try #require(entry.shown), of: drive)
        }
        try drive.forEachRow { _ in }
        for path in ["../evil", "a", "b", "none", "out/evil", "one"] {
            _ = try? drive.entryNow(at: path)
        }
    }

    private static func read(_ version: Version, of drive: Drive) throws {
        var count = 0
        var reader = try drive.readerNow(of: version)
        try reader.forEachPiece { count += $0.count }
        #expect(count < 1 << 20)
    }

    private func export(_ drive: Drive, _ writing: HostileWriting) throws {
        let folder = try TemporaryFolder()
        let report = try drive.exportFolder(to: folder.path + "/in/out")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["in"])
        let inside = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/in")
        #expect(inside == ["out"], "\(inside)")
        #expect(folder.read("in/out/honest2") == "of 2")
        if writing.isProblemOfView {
            #expect(!report.viewProblems.isEmpty || report.problemCount > 0)
        }
    }
}
