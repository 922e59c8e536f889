import Cryptography
import Feeds

@testable import Multiwriter
@testable import SecretStream

/// Two drives with their hubs and a wire of messages between them, of which one lies.
final class HubWorld {
    private static let templates: [String] = {
        do { return try makeTemplates() } catch { fail("no drive: \(error)") }
    }()

    private static func makeTemplates() throws -> [String] {
        try ["left", "right"].map { name in
            let path = ScratchFolder.make("template-" + name)
            let drive = try Drive.open(at: path, options: options)
            defer { drive.close() }
            for number in 0..<3 {
                var writer = try drive.makeWriter(for: NewEntry(name: "\(name)/\(number)"))
                try Array("\(name) \(number)".utf8).withUnsafeBytes { try writer.writeNow($0) }
                _ = try writer.finishNow()
            }
            return path
        }
    }

    private static var options: DriveOptions {
        var options = DriveOptions()
        options.durability = .processCrash
        options.maximumArchiveCount = 24
        return options
    }

    /// One drive, its hub, and its half of the connection.
    private final class End {
        let name: String
        let drive: Drive
        let hub: SyncHub
        var pair: FramePair
        /// Messages on their way to this end.
        var incoming: [[UInt8]] = []
        var isOver = false

        init(_ name: String, template: String, seed: UInt64) throws {
            self.name = name
            let path = ScratchFolder.path + "/drive-" + name
            ScratchFolder.remove(path)
            ScratchFolder.copy(template, to: path)
            drive = try Drive.open(at: path, options: HubWorld.options)
            hub = SyncHub(drive: drive)
            pair = FramePair(seed: seed)
        }
    }

    private let ends: [End]
    private var now: Duration = .zero
    private var isDisturbed = false

    static func run(_ input: UnsafeRawBufferPointer) throws {
        let world = try HubWorld(isOnce: (input.first ?? 0) & 1 == 1)
        defer { for end in world.ends { end.drive.close() } }
        var source = ByteSource(input)
        _ = source.byte()
        for _ in 0..<200 where !source.isAtEnd { world.step(&source) }
        if !world.isDisturbed {
            for _ in 0..<1000 {
                for number in 0..<2 { world.deliver(number, count: 16) }
            }
        }
        for end in world.ends { try world.expectSound(end) }
    }

    private init(isOnce: Bool) throws {
        let templates = Self.templates
        ends = [
            try End("left", template: templates[0], seed: 1),
            try End("right", template: templates[1], seed: 2),
        ]
        let hash =
            Digest64((0..<64).map { UInt8($0) })
            ?? Digest64(unsafeCopying: [UInt8](repeating: 0, count: 64))
        for number in 0..<2 {
            let end = ends[number]
            // The sending half goes to the hub; the receiving half stays here, for the wire.
            let fresh = FramePair(seed: UInt64(number + 1))
            let established = Established(
                remoteKey: KeyPair(seed: [UInt8](repeating: UInt8(9 - number), count: 32))
                    .publicKey,
                handshakeHash: hash, isInitiator: number == 0, encryptor: fresh.takeEncryptor())
            try end.pair.header.withUnsafeBytes { bytes in
                var batch = MessageBatch()
                try end.pair.decryptor.decrypt(bytes, into: &batch)
            }
            perform(
                [
                    .attached(1, ReplicationOptions(isOnce: isOnce)),
                    .established(1, established), .storeChanged,
                ], number)
        }
    }

    private func step(_ source: inout ByteSource) {
        let choice = source.number(below: 12)
        switch choice {
        case 0...3: deliver(1, count: 1 + source.number(below: 3))
        case 4...6: deliver(0, count: 1 + source.number(below: 3))
        case 7: disturb(source.number(below: 2), &source)
        case 8: inject(source.number(below: 2), &source)
        case 9, 10:
            now += .milliseconds(200 * Int(source.byte()))
            for number in 0..<2 { perform([.tick], number) }
        default:
            let end = ends[source.number(below: 2)]
            let link = FeedKey(Digest.hash(of: [source.byte()]))
            _ = try? end.drive.addNow([link])
            perform([.storeChanged], end === ends[0] ? 0 : 1)
        }
    }

    private func disturb(_ number: Int, _ source: inout ByteSource) {
        isDisturbed = true
        let end = ends[number]
        guard !end.incoming.isEmpty else { return }
        let place = source.number(below: end.incoming.count)
        switch source.number(below: 6) {
        case 0: end.incoming.remove(at: place)
        case 1: end.incoming.append(end.incoming[place])
        case 2: end.incoming.swapAt(0, place)
        default: for _ in 0...source.number(below: 4) { end.incoming[place].change(&source) }
        }
    }

    private func inject(_ number: Int, _ source: inout ByteSource) {
        isDisturbed = true
        let channel = source.byte()
        let type = source.byte()
        let start: [UInt8] = channel & 0x80 == 0 ? [channel % 5, type & 15] : []
        ends[number].incoming.append(start + Array(source.piece()))
    }

    private func deliver(_ number: Int, count: Int) {
        let end = ends[number]
        let messages = end.incoming.prefix(count).filter { !$0.isEmpty }
        end.incoming.removeFirst(min(count, end.incoming.count))
        guard !end.isOver, !messages.isEmpty else { return }
        var batch = MessageBatch()
        for message in messages {
            batch.append(byteCount: message.count) { $0.copyBytes(from: message) }
        }
        let progress = ReceivedBytes(
            byteCount: batch.byteCount + 20 * batch.count, heldByteCount: batch.byteCount,
            frameCount: batch.count)
        perform([.received(1, batch, progress)], number)
    }

    /// Lets a hub deal with events, and puts what it says on the wire.
    private func perform(_ events: [SyncHub.Event], _ number: Int) {
        let end = ends[number]
        var events = events
        for round in 0..<10_000 {
            require(round < 9_999, "a hub that does not come to rest")
            var early: [SyncHub.Action] = []
            let turn = end.hub.turn(events, now: now) { early.append($0) }
            events = []
            for action in early + turn.actions {
                switch action {
                case .output(_, .write(let bytes)):
                    send(bytes, from: number)
                    events.append(.wrote(1, byteCount: bytes.count))
                case .finished(_, let result):
                    end.isOver = true
                    if case .failure(let error) = result {
                        require(
                            isDisturbed || error.code == .silence,
                            "an honest side is found fault with: \(error)")
                    }
                case .output, .consumed, .report: break
                }
            }
            if !turn.hasMore && events.isEmpty { return }
        }
    }

    private func send(_ bytes: [UInt8], from number: Int) {
        var batch = MessageBatch()
        do {
            try bytes.withUnsafeBytes {
                try ends[number].pair.decryptor.decrypt($0, into: &batch)
            }
        } catch {
            fail("a hub that sends what cannot be decrypted: \(error)")
        }
        for place in 0..<batch.count { ends[1 - number].incoming.append(batch[place]) }
    }

    /// Own files are as they were, and what came of the other is what it wrote.
    private func expectSound(_ end: End) throws {
        var names: Set<String> = []
        _ = try end.drive.forEachEntry { names.insert($0.path.name) }
        for number in 0..<3 {
            require(names.contains("\(end.name)/\(number)"), "a file that is gone")
        }
        for name in names {
            guard let entry = try end.drive.entryNow(at: name), let version = entry.versions.first,
                var reader = try? end.drive.readerNow(of: version)
            else { continue }
            var bytes: [UInt8] = []
            do { try reader.forEachPiece { bytes.append(contentsOf: $0) } } catch { continue }
            let expected = name.map { $0 == "/" ? " " : $0 }
            require(
                String(decoding: bytes, as: UTF8.self) == String(expected), "content of nobody")
        }
    }
}
