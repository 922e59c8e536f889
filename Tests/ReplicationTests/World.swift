import Cryptography
import Feeds
import Foundation
import Merkle
import Multiplexing
import Replication

/// A repeatable source of random numbers.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// The seeds to try: as many as `MDRIVE_SEEDS` says, or the usual number.
func seeds(_ usual: UInt64) -> ClosedRange<UInt64> {
    let text = ProcessInfo.processInfo.environment["MDRIVE_SEEDS"]
    return 1...max(1, text.flatMap { UInt64($0) } ?? usual)
}

/// One end of a connection: a multiplexer, and the channels of the feeds on it.
final class Link {
    unowned var site: Site
    let isInitiator: Bool
    let handshakeHash: Digest64
    var multiplexer = Multiplexer()
    let budget = PeerBudget()
    /// The other end, as long as there is one.
    weak var remote: Link?
    var incoming: [[UInt8]] = []
    var peers: [Channel: (feed: FeedKey, peer: PeerID)] = [:]
    var violation: (any Error)?
    /// Frames that were sent, if somebody wants to see them.
    var sent: [[UInt8]] = []

    init(site: Site, isInitiator: Bool, handshakeHash: Digest64) {
        self.site = site
        self.isInitiator = isInitiator
        self.handshakeHash = handshakeHash
    }

    func channel(of feed: FeedKey) -> (channel: Channel, peer: PeerID)? {
        peers.first { $0.value.feed == feed }.map { ($0.key, $0.value.peer) }
    }
}

/// One store with its sessions and connections.
final class Site {
    let store: FeedStore
    private let path: String
    var sessions: [FeedKey: FeedSession] = [:]
    var links: [Link] = []
    var events: [ExchangeEvent] = []
    var outgoingLimit = 256 * 1024
    var reopens = true
    /// Whether the others are known to send runs.
    var asksForRuns = false

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("mdrive-replication-\(UUID().uuidString)").path
        store = try FeedStore(
            path: path, options: FeedStoreOptions(durability: .processCrash))
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    func add(_ key: FeedKey, wantsEverything: Bool = true) throws {
        let feed = try store.write { try $0.addFeed(key) }
        let session = try store.read {
            try FeedSession(feed, from: $0, wantsEverything: wantsEverything)
        }
        sessions[key] = session
        for link in links { try open(key, on: link) }
    }

    func head(_ key: FeedKey) throws -> FeedHead {
        guard let feed = sessions[key]?.feed else { return .empty }
        return try store.read { try $0.head(of: feed) }
    }

    func held(_ key: FeedKey) throws -> [Range<UInt64>] {
        guard let feed = sessions[key]?.feed else { return [] }
        return try store.read { snapshot in
            try snapshot.heldRanges(in: 0..<snapshot.head(of: feed).length, of: feed)
        }
    }

    func block(_ index: UInt64, of key: FeedKey) throws -> [UInt8]? {
        guard let feed = sessions[key]?.feed else { return nil }
        return try store.read { try $0.block(at: index, of: feed) }
    }

    /// Tells the session what somebody else changed in the store.
    func refresh(_ key: FeedKey) throws {
        try store.read { try sessions[key]?.refresh(from: $0, reloadingHeld: true) }
    }

    func open(_ key: FeedKey, on link: Link) throws {
        guard var session = sessions[key] else { return }
        let handshake = session.makeHandshake(
            handshakeHash: link.handshakeHash, isInitiator: link.isInitiator)
        guard
            let channel = link.multiplexer.open(
                session.channelName, aliases: FeedSession.aliases, handshake: handshake)
        else { return }
        link.peers[channel] = (key, session.addPeer(budget: link.budget))
        sessions[key] = session
    }

    /// Takes in waiting frames and writes what is due; true if anything happened.
    func turn(now: Duration = .zero, maximumFrameCount: Int = .max) throws -> Bool {
        var buffers: [UnsafeMutableRawBufferPointer] = []
        defer { for buffer in buffers { buffer.deallocate() } }
        var didWork = false
        for link in links where link.violation == nil {
            let count = min(maximumFrameCount, link.incoming.count)
            let frames = link.incoming.prefix(count)
            link.incoming.removeFirst(count)
            for frame in frames {
                didWork = true
                let buffer = UnsafeMutableRawBufferPointer.allocate(
                    byteCount: frame.count, alignment: 1)
                buffer.copyBytes(from: frame)
                buffers.append(buffer)
                receive(UnsafeRawBufferPointer(buffer), on: link)
            }
        }
        try storeAnswers()
        if try write(now: now) { didWork = true }
        return didWork
    }

    private func storeAnswers() throws {
        let keys = sessions.keys.filter { sessions[$0]?.hasPendingAnswers == true }
        guard !keys.isEmpty else { return }
        try store.write { transaction in
            for key in keys { try sessions[key]?.apply(in: transaction) }
        }
        try store.read { snapshot in
            for key in keys { try sessions[key]?.commit(from: snapshot) }
        }
    }

    private func write(now: Duration) throws -> Bool {
        var didWork = false
        try store.read { snapshot in
            for key in sessions.keys {
                try sessions[key]?.plan(now: now, from: snapshot)
                events += sessions[key]?.takeEvents() ?? []
                for link in links where link.violation == nil {
                    guard let (channel, peer) = link.channel(of: key) else { continue }
                    let outcome: FlushOutcome?
                    do {
                        outcome = try sessions[key]?.flush(
                            peer, into: &link.multiplexer, on: channel, from: snapshot,
                            limit: outgoingLimit)
                    } catch let error as ProtocolViolation {
                        end(link, because: error)
                        continue
                    }
                    if case .closed = outcome { link.peers[channel] = nil }
                }
                events += sessions[key]?.takeEvents() ?? []
            }
        }
        for link in links {
            link.multiplexer.takeFrames().forEach { frame in
                didWork = true
                link.sent.append([UInt8](frame))
                link.remote?.incoming.append([UInt8](frame))
            }
        }
        return didWork
    }

    private func receive(_ frame: UnsafeRawBufferPointer, on link: Link) {
        var incoming = IncomingFrame(frame)
        do {
            while let event = try link.multiplexer.next(in: &incoming) {
                try handle(event, on: link)
            }
        } catch {
            end(link, because: error)
        }
    }

    private func end(_ link: Link, because error: any Error) {
        link.violation = error
        for end in [link, link.remote].compactMap({ $0 }) {
            for channel in end.multiplexer.end() { end.site.close(channel, on: end) }
        }
    }

    private func handle(_ event: Event, on link: Link) throws {
        switch event {
        case .requested(let name):
            let key = sessions.first { $0.value.channelName.id == name.id }?.key
            if let key { try open(key, on: link) }
        case .opened(let channel, let handshake):
            guard let (key, peer) = link.peers[channel] else { return }
            try sessions[key]?.open(
                peer, handshake: handshake, handshakeHash: link.handshakeHash,
                isInitiator: link.isInitiator)
            if asksForRuns { sessions[key]?.askForRuns(of: peer) }
        case .message(let channel, let type, let body):
            guard let (key, peer) = link.peers[channel] else { return }
            _ = try sessions[key]?.receive(type: type, body: body, from: peer)
        case .heldMessage(let channel, let type, let body):
            guard let (key, peer) = link.peers[channel] else { return }
            try body.withUnsafeBytes { bytes in
                _ = try sessions[key]?.receive(type: type, body: bytes, from: peer)
            }
        case .closed(let channel, _):
            let key = link.peers[channel]?.feed
            if close(channel, on: link), reopens, let key { try open(key, on: link) }
        }
    }

    @discardableResult
    func close(_ channel: Channel, on link: Link) -> Bool {
        guard let (key, peer) = link.peers.removeValue(forKey: channel) else { return false }
        return sessions[key]?.removePeer(peer) ?? false
    }
}

/// Connects two sites.
@discardableResult
func connect(_ one: Site, _ other: Site, seed: UInt8 = 1) throws -> (Link, Link) {
    let hash = Digest64((0..<64).map { UInt8($0) ^ seed }) ?? .init(unsafeCopying: [0])
    let left = Link(site: one, isInitiator: true, handshakeHash: hash)
    let right = Link(site: other, isInitiator: false, handshakeHash: hash)
    left.remote = right
    right.remote = left
    one.links.append(left)
    other.links.append(right)
    for key in one.sessions.keys { try one.open(key, on: left) }
    for key in other.sessions.keys { try other.open(key, on: right) }
    return (left, right)
}

func disconnect(_ link: Link) {
    for end in [link, link.remote].compactMap({ $0 }) {
        for channel in end.multiplexer.end() { end.site.close(channel, on: end) }
        end.site.links.removeAll { $0 === end }
    }
}

/// Lets all sites work until nothing moves any more.
func settle(_ sites: [Site], now: Duration = .zero, maximumTurnCount: Int = 20_000) throws {
    for _ in 0..<maximumTurnCount {
        var didWork = false
        for site in sites where try site.turn(now: now) { didWork = true }
        if !didWork { return }
    }
    throw WorldError.restless
}

/// Lets sites work in random order, a few frames at a time.
func settle(_ sites: [Site], using generator: inout SeededGenerator) throws {
    for _ in 0..<200_000 {
        guard let site = sites.randomElement(using: &generator) else { return }
        _ = try site.turn(maximumFrameCount: Int.random(in: 0...3, using: &generator))
        if sites.allSatisfy({ $0.links.allSatisfy(\.incoming.isEmpty) }) {
            var didWork = false
            for site in sites where try site.turn() { didWork = true }
            if !didWork { return }
        }
    }
    throw WorldError.restless
}

enum WorldError: Error { case restless }

/// A writer's key pair and the feed it makes in a site.
struct Writer {
    let keyPair: KeyPair
    let key: FeedKey

    init(_ site: Site, seed: UInt8 = 7, kind: FeedKind = .version1) throws {
        let keyPair = KeyPair(seed: [UInt8](repeating: seed, count: 32))
        self.keyPair = keyPair
        let feed = try site.store.write {
            try $0.makeFeed(signedBy: keyPair.publicKey, kind: kind)
        }
        key = feed.key
        try site.add(feed.key)
    }

    func append(_ blocks: [[UInt8]], in site: Site) throws {
        guard let feed = site.sessions[key]?.feed else { return }
        _ = try site.store.write { try $0.append(blocks, to: feed, signingWith: keyPair) }
        try site.refresh(key)
    }

    func append(count: Int, in site: Site, salt: Int = 0) throws {
        let start = Int(try site.head(key).length)
        try append((0..<count).map { Self.block(start + $0, salt: salt) }, in: site)
    }

    func truncate(to length: UInt64, in site: Site) throws {
        guard let feed = site.sessions[key]?.feed else { return }
        _ = try site.store.write { try $0.truncate(feed, to: length, signingWith: keyPair) }
        try site.refresh(key)
    }

    static func block(_ index: Int, salt: Int = 0) -> [UInt8] {
        (0..<((index * 37 + salt) % 61)).map {
            UInt8(truncatingIfNeeded: index &* 131 &+ $0 &+ salt)
        }
    }
}
