import Cryptography
import Feeds
import Foundation
import Testing

@testable import Multiwriter

/// Drives in temporary folders and wires between them, all on one thread and from one seed.
///
/// Nothing in it sleeps: time stands still until `advance`.
final class SyncWorld {
    /// One end of a wire.
    final class End {
        let node: Node
        let number: Int
        var intake: Intake?
        /// Bytes on their way to this end.
        var incoming: [UInt8] = []
        /// Whether the other end will send nothing more.
        var isOver = false
        var hasHungUp = false
        var ending: Result<Void, SyncError>?
        /// Takes what arrives, in place of a drive.
        var outside: (([UInt8]) -> Void)?
        /// Rewrites what this end says before it is encrypted.
        var tampering: Tampering?
        /// Whether what this end sends never leaves it.
        var isStuck = false
        /// Whether it leaves as soon as both ends have everything.
        fileprivate(set) var isOnce = false

        init(node: Node, number: Int, intake: consuming Intake) {
            self.node = node
            self.number = number
            self.intake = consume intake
        }
    }

    /// One drive with its hub.
    final class Node {
        let drive: Drive
        let hub: SyncHub
        var events: [SyncEvent] = []
        /// How its next turn ends, if it does not end well.
        var doom: Doom?
        fileprivate var nextNumber = 1

        init(_ drive: Drive, limits: SyncLimits) {
            self.drive = drive
            hub = SyncHub(drive: drive, limits: limits)
        }
    }

    final class Wire {
        let left: End
        let right: End
        var byteCount = 0
        /// Whether nothing arrives on it for the time being.
        var isHeld = false
        init(_ left: End, _ right: End) {
            self.left = left
            self.right = right
        }
    }

    let folder: URL
    var nodes: [Node] = []
    var wires: [Wire] = []
    var now: Duration = .zero
    /// Is told of connections that end, with the end and the far end.
    var onFinish: ((End, End) -> Void)?
    var random: SplitMix
    private var seed: UInt64

    init(_ count: Int, seed: UInt64 = 1, options: DriveOptions = DriveOptions()) throws {
        self.seed = seed
        random = SplitMix(seed: seed)
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("mdrive-sync-\(UUID().uuidString)")
        for number in 0..<count { try addDrive("d\(number)", options) }
    }

    deinit {
        for node in nodes { node.drive.close() }
        try? FileManager.default.removeItem(at: folder)
    }

    func addDrive(_ name: String, _ options: DriveOptions = DriveOptions()) throws {
        var options = options
        options.durability = .processCrash
        seed &+= 1
        options.primaryKey =
            options.primaryKey
            ?? PrimaryKey(
                Randomness.seeded(seed).bytes(count: 32))
        let path = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        nodes.append(Node(try Drive.open(at: path.path, options: options), limits: SyncLimits()))
    }

    subscript(index: Int) -> Drive { nodes[index].drive }

    func write(_ text: String, to name: String, on index: Int) throws {
        var writer = try nodes[index].drive.makeWriter(for: NewEntry(name: name))
        try Array(text.utf8).withUnsafeBytes { try writer.writeNow($0) }
        try writer.finishNow()
    }

    func read(_ name: String, on index: Int) throws -> String? {
        let drive = nodes[index].drive
        guard let entry = try drive.entryNow(at: name), let version = entry.versions.first else {
            return nil
        }
        var bytes: [UInt8] = []
        var reader = try drive.readerNow(of: version)
        try reader.forEachPiece { bytes.append(contentsOf: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Wires

    @discardableResult
    func connect(
        _ left: Int, _ right: Int, isOnce: Bool = false, limits: SyncLimits = SyncLimits(),
        leftIsOnce: Bool? = nil, rightIsOnce: Bool? = nil,
        roles: (ReplicationRole, ReplicationRole) = (.negotiated, .negotiated),
        prepare: (End) -> Void = { _ in }
    ) -> Wire {
        let wire = Wire(makeEnd(nodes[left], roles.0), makeEnd(nodes[right], roles.1))
        wires.append(wire)
        prepare(wire.left)
        for (end, isOwnOnce) in [(wire.left, leftIsOnce), (wire.right, rightIsOnce)] {
            let options = ReplicationOptions(isOnce: isOwnOnce ?? isOnce, limits: limits)
            begin(end, on: wire, options)
        }
        return wire
    }

    /// Flips a bit of what is on a wire, or of what comes next.
    func damage(_ wire: Wire) {
        while wire.left.incoming.isEmpty && wire.right.incoming.isEmpty {
            guard step() else { return }
        }
        let end = wire.left.incoming.isEmpty ? wire.right : wire.left
        let place = Int.random(in: 0..<end.incoming.count, using: &random)
        end.incoming[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    }

    func expectHolds(
        _ name: String, on index: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(try read(name, on: index) != nil, sourceLocation: sourceLocation)
    }

    func makeEnd(_ node: Node, _ role: ReplicationRole) -> End {
        seed &+= 1
        defer { node.nextNumber += 1 }
        let keyPair = node.drive.store.primaryKey.keyPair(named: Drive.connectionKeyName)
        return End(
            node: node, number: node.nextNumber,
            intake: Intake(role: role, keyPair: keyPair, randomness: .seeded(seed)))
    }

    func begin(_ end: End, on wire: Wire, _ options: ReplicationOptions) {
        end.isOnce = options.isOnce
        perform([.attached(end.number, options)], on: end.node)
        send(end.intake?.takeOutgoing() ?? [], from: end, on: wire)
    }

    func other(_ end: End, on wire: Wire) -> End {
        wire.left === end ? wire.right : wire.left
    }

    func send(_ bytes: [UInt8], from end: End, on wire: Wire) {
        wire.byteCount += bytes.count
        other(end, on: wire).incoming += bytes
    }

    /// Cuts a wire with everything that is on it.
    func cut(_ wire: Wire) {
        for end in [wire.left, wire.right] {
            end.incoming = []
            end.isOver = true
        }
    }

    // MARK: Running

    /// Lets everything happen that can, in an order and in chunks that follow from the seed.
    func run(limit: Int = 200_000) throws {
        for node in nodes { perform([.storeChanged], on: node) }
        for _ in 0..<limit where !step() { return }
        Issue.record("the world does not come to rest")
    }

    /// Lets one chunk arrive; false if nothing is on its way.
    @discardableResult
    func step() -> Bool {
        var ends: [(Wire, End)] = []
        for wire in wires where !wire.isHeld {
            for end in [wire.left, wire.right]
            where !end.incoming.isEmpty || end.isOver && !end.hasHungUp { ends.append((wire, end)) }
        }
        guard let (wire, end) = ends.randomElement(using: &random) else { return false }
        deliver(to: end, on: wire)
        return true
    }

    /// Lets time pass, second by second.
    func advance(seconds: Int) throws {
        for _ in 0..<seconds {
            now += .seconds(1)
            for node in nodes { perform([.tick], on: node) }
            try run()
        }
    }

    private func deliver(to end: End, on wire: Wire) {
        if end.incoming.isEmpty {
            end.hasHungUp = true
            guard end.outside == nil else { return }
            let error = end.intake?.hangUpError
            perform([.hungUp(end.number, error)], on: end.node)
            return
        }
        let count = min(end.incoming.count, Int.random(in: 1...chunk, using: &random))
        let bytes = Array(end.incoming.prefix(count))
        end.incoming.removeFirst(count)
        if let outside = end.outside { return outside(bytes) }
        receive(bytes, at: end, on: wire)
    }

    /// The largest chunk that a wire hands out.
    var chunk = 4096

    func receive(_ bytes: [UInt8], at end: End, on wire: Wire) {
        guard end.ending == nil, end.intake != nil else { return }
        var events: [SyncHub.Event] = []
        var problem: SyncError?
        do throws(SyncError) {
            try bytes.withUnsafeBytesTyped { (bytes) throws(SyncError) in
                try end.intake?.receive(bytes)
            }
        } catch {
            problem = error
        }
        send(end.intake?.takeOutgoing() ?? [], from: end, on: wire)
        if let established = end.intake?.takeEstablished() {
            let adopted = end.tampering?.adopt(established) ?? established
            events.append(.established(end.number, adopted))
        }
        let frameCount = end.intake?.takeFrameCount() ?? 0
        if let batch = end.intake?.takeBatch() {
            let progress = ReceivedBytes(
                byteCount: bytes.count, heldByteCount: bytes.count, frameCount: frameCount)
            events.append(.received(end.number, batch, progress))
        }
        if let problem {
            end.intake = nil
            events.append(.failed(end.number, problem))
        }
        perform(events, on: end.node)
    }

    func perform(_ events: [SyncHub.Event], on node: Node) {
        if node.doom != nil { return die(node, events) }
        var events = events
        while true {
            var early: [SyncHub.Action] = []
            let turn = node.hub.turn(events, now: now) { early.append($0) }
            events = []
            for action in early + turn.actions {
                switch action {
                case .output(let number, .write(let bytes)):
                    guard let (end, wire) = find(number, of: node) else { continue }
                    send(end.tampering?.rewrite(bytes) ?? bytes, from: end, on: wire)
                    if !end.isStuck { events.append(.wrote(number, byteCount: bytes.count)) }
                case .finished(let number, let result):
                    guard let (end, wire) = find(number, of: node) else { continue }
                    end.ending = result
                    end.intake = nil
                    end.incoming = []
                    end.hasHungUp = true
                    other(end, on: wire).isOver = true
                    onFinish?(end, other(end, on: wire))
                case .report(let event): node.events.append(event)
                case .output, .consumed: break
                }
            }
            if !turn.hasMore && events.isEmpty { return }
        }
    }

    func find(_ number: Int, of node: Node) -> (End, Wire)? {
        for wire in wires {
            for end in [wire.left, wire.right] where end.node === node && end.number == number {
                return (end, wire)
            }
        }
        return nil
    }

    // MARK: What must hold

    /// Expects that drives know the same archives and hold the same, complete feeds.
    func expectEqual(_ indices: [Int], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let states = try indices.map { index -> [String] in
            let drive = nodes[index].drive
            return try drive.readNow { try drive.writers(in: $0) }.map { writer in
                let parts = [writer.index, writer.content].map {
                    $0.map { "\($0.heldCount)/\($0.length)" } ?? "-"
                }
                return "\(writer.link.hexadecimal.prefix(4)) \(parts.joined(separator: " "))"
                    + (writer.isComplete ? "" : " incomplete")
            }.sorted()
        }
        let problem = states.first { $0 != states[0] || $0.contains { $0.hasSuffix("incomplete") } }
        if let problem {
            Issue.record("\(states[0]) against \(problem)", sourceLocation: sourceLocation)
        }
    }
}

extension [UInt8] {
    fileprivate func withUnsafeBytesTyped<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let result = withUnsafeBytes { bytes -> Result<Void, Failure> in
            do throws(Failure) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }
}

extension SyncWorld {
    /// Lets a number of chunks arrive, then cuts a wire.
    func cut(_ wire: Wire, afterSteps count: Int) {
        for _ in 0..<count { step() }
        cut(wire)
    }
}
