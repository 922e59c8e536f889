import Archives
import Feeds
import Testing

@testable import Multiwriter

/// A listing of names must be the listing of entries, told faster.
@Suite struct NameWalkTests {
    private struct Listing: Equatable {
        var lines: [String] = []
        var problems: [ViewProblem] = []
    }

    private static func line(_ entry: ViewEntry) -> String {
        var line = entry.path.string + (entry.type == .directory ? "/" : "")
        if entry.isAlsoFolder { line += " also a folder" }
        if let above = entry.fileAbove { line += " under \(above.string)" }
        return line + (entry.versions.count > 1 ? " disputed" : "")
    }

    private func entries(of drive: Drive, _ folder: String, _ isRecursive: Bool) throws -> Listing {
        var listing = Listing()
        var options = ViewOptions()
        options.isRecursive = isRecursive
        listing.problems = try drive.forEachEntry(in: folder, options: options) { entry in
            listing.lines.append(Self.line(entry))
        }
        return listing
    }

    private func names(
        of drive: Drive, _ folder: String, _ isRecursive: Bool
    ) throws -> (listing: Listing, plainCount: Int) {
        var listing = Listing()
        var plainCount = 0
        listing.problems = try drive.forEachPath(in: folder, isRecursive: isRecursive) { listed in
            switch listed {
            case .plain(let path, let isFolder):
                plainCount += 1
                listing.lines.append(
                    "/" + String(decoding: path, as: UTF8.self) + (isFolder ? "/" : ""))
            case .entry(let entry): listing.lines.append(Self.line(entry))
            }
        }
        #expect(try lines(of: drive, folder, isRecursive) == listing)
        return (listing, plainCount)
    }

    private func lines(
        of drive: Drive, _ folder: String, _ isRecursive: Bool
    ) throws -> Listing {
        var listing = Listing()
        listing.problems = try drive.forEachLine(in: folder, isRecursive: isRecursive) { listed in
            switch listed {
            case .plain(let text):
                #expect(text.last == UInt8(ascii: "\n"))
                let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
                listing.lines += lines.map { "/" + $0 }
            case .entry(let entry): listing.lines.append(Self.line(entry))
            }
        }
        return listing
    }

    @Test func `files and folders that nobody disputes are told from their keys`() async throws {
        try await withDrive { drive in
            for number in 0..<600 { try await drive.write([1], to: "d\(number % 7)/f\(number)") }
            try await drive.append(NewEntry(name: "empty", type: .directory))
            try await drive.write([1], to: "gone")
            try await drive.remove(at: "gone")
            let (listing, plainCount) = try names(of: drive, "", true)
            #expect(listing == (try entries(of: drive, "", true)))
            #expect(listing.lines.count == 601 && plainCount > 500)
        }
    }

    @Test(arguments: 1...20)
    func `names and entries agree whatever one writer does`(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let pieces = ["a", "a!", "a.b", "a0", "b", "ä"]
        try await withDrive { drive in
            for _ in 0..<80 {
                let depth = Int.random(in: 1...3, using: &random)
                let name = (0..<depth)
                    .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
                    .joined(separator: "/")
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    _ = try? await drive.remove(at: name)
                case 1:
                    try await drive.append(NewEntry(name: name, type: .directory))
                case 2:
                    var link = NewEntry(name: name, type: .symlink)
                    link.linkname = "elsewhere"
                    try await drive.append(link)
                default:
                    try await drive.write([1], to: name)
                }
            }
            for folder in ["", "a", "a/a", "b", "a!", "nothing"] {
                for isRecursive in [true, false] {
                    #expect(
                        try names(of: drive, folder, isRecursive).listing
                            == entries(of: drive, folder, isRecursive),
                        "seed \(seed), folder '\(folder)', recursive: \(isRecursive)")
                }
            }
        }
    }

    @Test(arguments: 1...10)
    func `names and entries agree about many files in a row`(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        try await withDrive { drive in
            // Long runs of plain files, cut by folders, links, deletions and files with some below.
            for number in 0..<700 {
                let name = "d\(number / 150)/f\(1000 + number)"
                try await drive.write([1], to: name)
                switch Int.random(in: 0..<30, using: &random) {
                case 0: try await drive.remove(at: name)
                case 1: try await drive.write([1], to: name + "/below")
                case 2: try await drive.write([1], to: name + "!")
                case 3: try await drive.append(NewEntry(name: name + "-", type: .directory))
                case 4: try await drive.append(NewEntry(name: name, type: .directory))
                default: break
                }
            }
            for folder in ["", "d1", "d4"] {
                let (listing, plainCount) = try names(of: drive, folder, true)
                #expect(try listing == entries(of: drive, folder, true), "seed \(seed)")
                #expect(plainCount > 30)
            }
        }
    }

    @Test(arguments: HostileWriting.allCases)
    func `names and entries agree about what a liar has written`(_ writing: HostileWriting)
        async throws
    {
        try await withDrives { liar, honest in
            try writing.sign(by: liar, against: honest.link)
            for isRecursive in [true, false] {
                let found = try names(of: liar, "", isRecursive).listing
                let expected = try entries(of: liar, "", isRecursive)
                #expect(found.lines == expected.lines, "recursive: \(isRecursive)")
                #expect(Set(found.problems.map(\.kind)) == Set(expected.problems.map(\.kind)))
            }
        }
    }

    @Test func `several writers are merged as ever`() async throws {
        try await withDrives { a, b in
            try await a.write([1], to: "both")
            try await b.write([2], to: "both")
            try a.pull(from: b)
            let (listing, plainCount) = try names(of: a, "", true)
            #expect(listing == (try entries(of: a, "", true)))
            #expect(listing.lines == ["/both disputed"] && plainCount == 0)
        }
    }
}
