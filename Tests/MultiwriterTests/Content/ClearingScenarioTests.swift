import Archives
import Feeds
import Testing

@testable import Multiwriter

@Suite struct ClearingScenarioTests {
    @Test func `what another path needs stays`() async throws {
        try await withDrives { a, b in
            try await a.write([UInt8](repeating: 1, count: 100), to: "one")
            try await a.write([UInt8](repeating: 2, count: 100), to: "two")
            // A file under two names, as one who renames may write it.
            try a.writeNow { transaction in
                let archive = try a.own.writable(in: transaction)
                let path = try ArchivePath("/one")
                let entry = try #require(try archive.entry(at: path, in: transaction.snapshot))
                var batch = try ArchiveBatch(archive)
                try batch.put(entry.value, at: ArchivePath("/other"), in: transaction)
                try batch.commit(in: transaction)
            }
            try b.pull(from: a)
            var report = try b.clearNow("one")
            #expect(report.blockCount == 0)
            report = try b.clearNow("two")
            #expect(report.blockCount == 1 && report.byteCount == 100 && report.fileCount == 1)
            #expect(try await b.text("other", of: a.link).utf8.count == 100)
            #expect(try b.clearNow("/").blockCount == 1)
            #expect(try b.clearNow("/") == ClearingReport())
        }
    }

    @Test func `the own archive is left alone unless that is asked for`() async throws {
        try await withDrive { drive in
            try await drive.write([1, 2, 3], to: "f/own")
            let report = try drive.clearNow("f")
            #expect(report.blockCount == 0 && report.keptNames == ["f/own"])
            #expect(try await drive.text("f/own", of: drive.link).utf8.count == 3)
            let freed = try drive.clearNow("f/own", includingOwn: true)
            #expect(freed.blockCount == 1)
            await #expect(throws: DriveError(.notHere, "")) {
                try await drive.text("f/own", of: drive.link)
            }
            #expect(throws: DriveError(.unknownName, "")) { try drive.clearNow("none") }
            // What is written afterwards is as good as before.
            try await drive.write([4, 5], to: "later")
            #expect(try await drive.text("later", of: drive.link).utf8.count == 2)
            #expect(try drive.verify().isSound)
        }
    }

    @Test func `nobody waits any more for what was freed`() async throws {
        try await withDrives { a, b in
            let row = try await a.write([1, 2, 3], to: "f")
            try b.pull(from: a, content: false)
            await #expect(throws: DriveError(.timedOut, "")) {
                try await b.download(row.reference, timeout: .milliseconds(1))
            }
            #expect(try !b.readNow { try b.wants(in: $0) }.isEmpty)
            _ = try b.clearNow("f")
            #expect(try b.readNow { try b.wants(in: $0) }.isEmpty)
        }
    }

    @Test func `the inventory tells what is here`() async throws {
        try await withDrives { a, b in
            try await a.write([UInt8](repeating: 1, count: 150_000), to: "f")
            try await a.write([], to: "empty")
            try b.pull(from: a, content: false)
            var inventory = ContentInventory(of: b)
            func presence(_ name: String) throws -> ContentPresence {
                let version = try #require(try b.entryNow(at: name)?.shown)
                return try b.readNow { try inventory.presence(of: version, in: $0) }
            }
            #expect(try presence("f") == ContentPresence(blockCount: 3, missingCount: 3))
            #expect(try presence("empty").isWhole)
            try b.pull(from: a)
            #expect(try presence("f") == ContentPresence(blockCount: 3, missingCount: 0))
        }
    }
}
