import Archives
import Cryptography
import Feeds
import Testing

@testable import Multiwriter

extension Simulation {
    /// The drives that something is expected of.
    var honest: [Int] { world.nodes.indices.filter { !liars.contains($0) } }

    /// Expects all that must hold when everybody was connected long enough.
    func check() throws {
        let expected = try feedLines(of: honest[0])
        let view = try viewLines(of: honest[0])
        let liarLinks = Set(liars.map { world[$0].link })
        for index in honest {
            let lines = try feedLines(of: index)
            #expect(lines == expected, "\(note): feeds of \(index) and \(honest[0])")
            #expect(try viewLines(of: index) == view, "\(note): view of \(index)")
            try checkTrust(of: index, liarLinks)
        }
        for index in honest { try checkAcknowledged(by: index, on: honest[0]) }
        let witness = honest[Int(seed % UInt64(honest.count))]
        let report = try world[witness].verify()
        #expect(report.problems.isEmpty, "\(note): \(report.problems)")
    }

    /// Every link with where its feeds stand; complete, and with equal hashes, they are equal.
    private func feedLines(of index: Int) throws -> [String] {
        let drive = world[index]
        let liarLinks = Set(liars.map { world[$0].link })
        return try drive.readNow { snapshot in
            var lines: [String] = []
            for link in try drive.links(in: snapshot) where !liarLinks.contains(link) {
                var line = String(link.hexadecimal.prefix(6))
                for feed in try Self.feeds(of: link, drive, snapshot) {
                    let head = try snapshot.head(of: feed)
                    line += " \(head.length) \(head.fork) \(head.treeHash.hexadecimal.prefix(8))"
                    if !head.isComplete { line += " incomplete on \(index)" }
                }
                lines.append(line)
            }
            return lines.sorted()
        }
    }

    static func feeds(
        of link: FeedKey, _ drive: Drive, _ snapshot: borrowing StoreSnapshot
    ) throws -> [Feed] {
        guard let index = try snapshot.feed(for: link) else { return [] }
        let content = try? drive.archive(for: link, in: snapshot)?.content?.feed
        return [index] + (content.map { [$0] } ?? [])
    }

    /// The merged view, without what liars wrote.
    private func viewLines(of index: Int) throws -> [String] {
        guard liars.isEmpty else { return [] }
        var lines: [String] = []
        var options = ViewOptions()
        options.isRecursive = true
        let problems = try world[index].forEachEntry(options: options) { entry in
            let versions = entry.versions.map { version in
                "\(version.link.hexadecimal.prefix(6)):\(version.position) \(version.type)"
                    + " \(version.otherLinks.count)"
            }
            lines.append("\(entry.path.name) \(versions)")
        }
        #expect(problems.isEmpty, "\(note): \(problems)")
        return lines
    }

    /// Nobody's feed is frozen or has forked whose writer did not lie.
    private func checkTrust(of index: Int, _ liarLinks: Set<FeedKey>) throws {
        let writers = try world[index].readNow { try world[index].writers(in: $0) }
        for writer in writers where !liarLinks.contains(writer.link) {
            #expect(writer.mark == nil, "\(note): \(index) mistrusts \(writer.link)")
        }
        try world[index].readNow { snapshot in
            for link in try world[index].links(in: snapshot) where !liarLinks.contains(link) {
                for feed in try Self.feeds(of: link, world[index], snapshot) {
                    #expect(try snapshot.head(of: feed).fork == 0, "\(note): \(index) \(link)")
                }
            }
        }
    }

    /// What a write returned for is here, with its bytes.
    private func checkAcknowledged(by writer: Int, on reader: Int) throws {
        let drive = world[reader]
        for (name, text) in acknowledged[writer] {
            let reference = EntryReference(name: name, link: world[writer].link)
            guard let text else {
                #expect(throws: DriveError.self, "\(note): \(name) of \(writer) is removed") {
                    try drive.readerNow(of: reference)
                }
                continue
            }
            var bytes: [UInt8] = []
            do {
                var content = try drive.readerNow(of: reference)
                try content.forEachPiece { bytes.append(contentsOf: $0) }
            } catch {
                Issue.record("\(note): \(name) of \(writer) on \(reader): \(error)")
                continue
            }
            #expect(bytes == Array(text.utf8), "\(note): \(name) of \(writer) on \(reader)")
        }
    }

    /// Whoever leaves because the far end has everything must be right.
    func watchEndings() {
        let note = note
        world.onFinish = { end, far in
            guard end.isOnce, end.outside == nil, far.outside == nil,
                case .success? = end.ending
            else { return }
            do {
                let own = try Self.heads(end.node.drive)
                let other = try Self.heads(far.node.drive)
                for (key, count) in own where other[key] ?? 0 < count {
                    Issue.record(
                        "\(note): left though \(key) has \(other[key] ?? 0) of \(count) there")
                }
            } catch {
                // A process that has ended holds what it held; it is looked at when it is back.
                return
            }
        }
    }

    private static func heads(_ drive: Drive) throws -> [FeedKey: UInt64] {
        try drive.readNow { snapshot in
            var heads: [FeedKey: UInt64] = [:]
            for feed in try snapshot.feeds() {
                let length = try snapshot.head(of: feed).length
                heads[feed.key] = try snapshot.heldBlockCount(in: 0..<length, of: feed)
            }
            return heads
        }
    }
}
