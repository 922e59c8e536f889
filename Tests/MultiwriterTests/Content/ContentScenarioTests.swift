import Archives
import Cryptography
import Foundation
import Testing

@testable import Multiwriter

/// Bytes that repeat late, so that a block in a wrong place shows.
private func noise(_ count: Int, seed: UInt32 = 7) -> [UInt8] {
    var x = seed
    return (0..<count).map { _ in
        x ^= x << 13
        x ^= x >> 17
        x ^= x << 5
        return UInt8(truncatingIfNeeded: x)
    }
}

@Suite struct ContentScenarioTests {
    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 200_000])
    func `content goes in in any pieces and comes out in blocks`(count: Int) async throws {
        try await withDrive { drive in
            let bytes = noise(count)
            var writer = try drive.makeWriter(for: NewEntry(name: "f"))
            var start = 0
            while start < count {
                let end = min(count, start + 1 + start % 30_011)
                try await writer.write(Array(bytes[start..<end]))
                start = end
            }
            let row = try await writer.finish()
            #expect(row.length == UInt64(count) && row.blocks == UInt64((count + 65_535) / 65_536))
            var pieces: [[UInt8]] = []
            for try await piece in try await drive.contents(of: row.reference) {
                pieces.append(piece)
            }
            #expect(pieces.flatMap(\.self) == bytes)
            #expect(pieces.dropLast().allSatisfy { $0.count == 65_536 })
            var copy: [UInt8] = []
            var reader = try drive.readerNow(of: row.reference)
            try reader.forEachPiece { copy += $0 }
            #expect(copy == bytes)
        }
    }

    @Test func `a file larger than a batch is one run of blocks`() async throws {
        try await withDrive { drive in
            let piece = Array(repeatElement(noise(1 << 12), count: 1 << 8).joined())
            var writer = try drive.makeWriter(for: NewEntry(name: "big"))
            for _ in 0..<40 { try piece.withUnsafeBytes { try writer.writeNow($0) } }
            let row = try writer.finishNow()
            #expect(row.length == 40 << 20 && row.blocks == 640)
            let shown = try #require(try await drive.entry(at: "big")?.shown)
            #expect(shown.blob?.isBlockMap == false)
            var count = 0
            var reader = try drive.readerNow(of: shown)
            try reader.forEachPiece { bytes in
                let start = count % piece.count
                #expect(Data(bytes) == Data(piece[start..<start + bytes.count]))
                count += bytes.count
            }
            #expect(count == 40 << 20)
        }
    }

    @Test func `two files at once are both whole, whichever ends first`() async throws {
        try await withDrive { drive in
            var first = try drive.makeWriter(for: NewEntry(name: "first"))
            var second = try drive.makeWriter(for: NewEntry(name: "second"))
            try await second.write(Array("2222".utf8))
            try await first.write(Array("1".utf8))
            try await second.finish()
            try await first.finish()
            #expect(try await drive.text("first") == "1")
            #expect(try await drive.text("second") == "2222")
        }
    }

    @Test func `a large file and a small one at once wait for each other`() async throws {
        try await withDrive { drive in
            let piece = Array(repeatElement(noise(1 << 12), count: 1 << 8).joined())
            try await withThrowingTaskGroup(of: Row.self) { group in
                for name in ["one", "two"] {
                    group.addTask {
                        var writer = try drive.makeWriter(for: NewEntry(name: name))
                        for _ in 0..<20 { try await writer.write(piece) }
                        return try await writer.finish()
                    }
                }
                group.addTask { try await drive.write([1], to: "small") }
                for try await row in group {
                    #expect(row.length == (row.name == "small" ? 1 : 20 << 20))
                }
            }
            #expect(try drive.verify().isSound)
        }
    }

    @Test func `what is given up leaves nothing to see and lets others go on`() async throws {
        try await withDrive { drive in
            do {
                var writer = try drive.makeWriter(for: NewEntry(name: "given up"))
                let piece = [UInt8](repeating: 1, count: 1 << 20)
                for _ in 0..<20 { try await writer.write(piece) }
            }
            try await drive.write([1], to: "next")
            #expect(try drive.picture() == ["next"])
        }
    }

    @Test func `names that lead nowhere and entries without content are refused`() async throws {
        try await withDrive { drive in
            for name in ["", "/", "..", "a/../.."] {
                #expect(throws: DriveError(.badName, "")) {
                    _ = try drive.makeWriter(for: NewEntry(name: name)).finishNow()
                }
            }
            #expect(throws: DriveError(.badEntry, "")) {
                _ = try drive.makeWriter(for: NewEntry(name: "d", type: .directory)).finishNow()
            }
            #expect(throws: DriveError(.badEntry, "")) {
                try drive.appendNow(NewEntry(name: "l", type: .symlink))
            }
            #expect(throws: DriveError(.badEntry, "")) { try drive.appendNow(NewEntry(name: "f")) }
            let rows = try await drive.rows()
            #expect(rows.isEmpty)
        }
    }

    @Test func `the latest content of a name is read, by whatever row`() async throws {
        try await withDrive { drive in
            let old = try await drive.write(Array("one".utf8), to: "f")
            try await drive.write(Array("two!".utf8), to: "f")
            #expect(try await drive.text(old.name, of: old.link) == "two!")
            await #expect(throws: DriveError(.unknownName, "")) {
                try await drive.text("missing", of: drive.link)
            }
            let other = FeedKey(Digest([UInt8](repeating: 0xAB, count: 32)) ?? .zero)
            let error = await #expect(throws: DriveError.self) {
                try await drive.text("f", of: other)
            }
            #expect(error?.message == "archive not found with link: \(other.hexadecimal)")
        }
    }

    @Test func `content that is not here is said so, and waited for if that is wanted`()
        async throws
    {
        try await withDrives { a, b in
            let row = try await a.write(noise(100_000), to: "f")
            try b.pull(from: a, content: false)
            await #expect(throws: DriveError(.notHere, "")) {
                try await b.text("f", of: a.link)
            }
            await #expect(throws: DriveError(.timedOut, "")) {
                try await b.download(row.reference, timeout: .milliseconds(5))
            }
            #expect(try b.readNow { try b.wants(in: $0) }.map(\.blocks) == [0..<2])
            async let download: Void = b.download(row.reference)
            try b.pull(from: a)
            try await download
            #expect(try b.readNow { try b.wants(in: $0) }.isEmpty)
            let contents = try await b.contents(of: row.reference)
            #expect(try await contents.collected() == noise(100_000))
        }
    }

    @Test func `the hash of content is that of its blocks as a feed of their own`() async throws {
        try await withDrive { drive in
            let bytes = noise(150_000)
            try await drive.write([9], to: "before")
            try await drive.write(bytes, to: "f")
            let shown = try #require(try await drive.entry(at: "f")?.shown)
            var hasher = ContentHasher()
            for start in stride(from: 0, to: bytes.count, by: 65_536) {
                bytes[start..<min(bytes.count, start + 65_536)].withUnsafeBytes { hasher.add($0) }
            }
            #expect(shown.metadata.hash == hasher.hash)
        }
    }
}
