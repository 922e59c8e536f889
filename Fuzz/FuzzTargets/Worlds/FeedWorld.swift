import Cryptography
import Feeds
import Merkle
import Multiplexing
import Replication

/// A writer and a reader of one feed, and a wire between them that does what the input says.
///
/// Both stores are on disk; a run happens in transactions that are abandoned.
final class FeedWorld {
    private static let keyPair = KeyPair(seed: [UInt8](repeating: 7, count: 32))
    private static let hash =
        Digest64((0..<64).map { UInt8($0) })
        ?? Digest64(unsafeCopying: [UInt8](repeating: 0, count: 64))

    /// A store with one feed.
    struct Base: Sendable {
        let store: FeedStore
        let feed: Feed
    }

    /// A writer with 30 blocks, and readers with none and with a third of them.
    private static let bases: (writer: Base, readers: [Base]) = {
        do { return try makeBases() } catch { fail("no store: \(error)") }
    }()

    private static let blocks = MemoryTree.blocks(count: 30, salt: 5)

    private static func makeBases() throws -> (writer: Base, readers: [Base]) {
        let options = FeedStoreOptions(durability: .processCrash)
        let store = try FeedStore(path: ScratchFolder.make("writer"), options: options)
        let feed = try store.write { transaction in
            let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
            _ = try transaction.append(blocks, to: feed, signingWith: keyPair)
            return feed
        }
        let readers = try [0, 10].map { count -> Base in
            let reader = try FeedStore(path: ScratchFolder.make("reader\(count)"), options: options)
            let copy = try reader.write { transaction in
                let copy = try transaction.addFeed(feed.key)
                guard count > 0 else { return copy }
                let request = ProofRequest(
                    upgrade: .init(start: 0, length: 30), manifest: true)
                let proof = try store.read { try $0.proof(for: request, of: feed) }
                if let proof { _ = try transaction.apply(proof, to: copy) }
                return copy
            }
            return Base(store: reader, feed: copy)
        }
        return (Base(store: store, feed: feed), readers)
    }

    static func run(_ input: UnsafeRawBufferPointer) throws {
        guard let first = input.first else { return }
        let bases = bases
        let reader = bases.readers[Int(first & 1)]
        do {
            try bases.writer.store.write { writing in
                try reader.store.write { reading in
                    let world = try FeedWorld(
                        bases.writer, reader, wantsEverything: first & 2 == 0,
                        asksForRuns: first & 4 != 0, writing, reading)
                    try world.run(ByteSource(input), writing, reading)
                    try world.expectTruth(reading)
                    throw Abandoned()
                }
            }
        } catch is Abandoned {}
    }

    // MARK: The two ends

    private struct End {
        let feed: Feed
        let isInitiator: Bool
        var session: FeedSession
        var multiplexer = Multiplexer()
        var channel: Channel?
        var peer: PeerID?
        var incoming: [[UInt8]] = []
        /// Frames that were taken in; their bytes must stay until the answers are stored.
        var kept: [UnsafeMutableRawBufferPointer] = []
    }

    private var ends: [End] = []
    /// What the writer ever said, fork by fork.
    private var history: [UInt64: [[UInt8]]] = [:]
    private var now: Duration = .zero
    private var isDisturbed = false

    private init(
        _ writer: Base, _ reader: Base, wantsEverything: Bool, asksForRuns: Bool,
        _ writing: borrowing StoreTransaction, _ reading: borrowing StoreTransaction
    ) throws {
        history[0] = Self.blocks
        ends = [
            End(
                feed: writer.feed, isInitiator: true,
                session: try FeedSession(writer.feed, from: writing.snapshot)),
            End(
                feed: reader.feed, isInitiator: false,
                session: try FeedSession(
                    reader.feed, from: reading.snapshot, wantsEverything: wantsEverything)),
        ]
        for number in 0..<2 {
            open(number)
            if asksForRuns, let peer = ends[number].peer {
                ends[number].session.askForRuns(of: peer)
            }
        }
        try turn(writing, reading)
    }

    deinit {
        for end in ends { for buffer in end.kept { buffer.deallocate() } }
    }

    private func open(_ number: Int) {
        let handshake = ends[number].session.makeHandshake(
            handshakeHash: Self.hash, isInitiator: ends[number].isInitiator)
        let channel = ends[number].multiplexer.open(
            ends[number].session.channelName, aliases: FeedSession.aliases,
            handshake: handshake)
        guard let channel else { return }
        ends[number].channel = channel
        ends[number].peer = ends[number].session.addPeer()
    }

    private func close(_ number: Int) -> Bool {
        ends[number].channel = nil
        guard let peer = ends[number].peer.take() else { return false }
        return ends[number].session.removePeer(peer)
    }

    // MARK: What happens

    private func run(
        _ input: ByteSource, _ writing: borrowing StoreTransaction,
        _ reading: borrowing StoreTransaction
    ) throws {
        var source = input
        _ = source.byte()
        do {
            for _ in 0..<400 where !source.isAtEnd {
                try step(&source, writing, reading)
                try turn(writing, reading)
            }
            guard !isDisturbed else { return }
            // What was asked in vain is asked again after a while.
            for _ in 0..<30 {
                for _ in 0..<2000 where ends.contains(where: { !$0.incoming.isEmpty }) {
                    for number in 0..<2 { try deliver(number, count: 8) }
                    try turn(writing, reading)
                }
                now += .seconds(1)
                try turn(writing, reading)
            }
        } catch let error as ProtocolViolation {
            require(isDisturbed, "an honest side is found fault with: \(error)")
            return
        }
        try expectComplete(writing, reading)
    }

    private func step(
        _ source: inout ByteSource, _ writing: borrowing StoreTransaction,
        _ reading: borrowing StoreTransaction
    ) throws {
        switch source.number(below: 12) {
        case 0...3: try deliver(1, count: 1 + source.number(below: 3))
        case 4...6: try deliver(0, count: 1 + source.number(below: 3))
        case 7: disturb(source.number(below: 2), &source)
        case 8: try inject(source.number(below: 2), &source)
        case 9: try write(&source, writing)
        case 10: now += .milliseconds(100 * Int(source.byte()))
        default: want(&source)
        }
    }

    private func want(_ source: inout ByteSource) {
        let start = source.size() >> 11
        switch source.number(below: 5) {
        case 0: ends[1].session.want(start..<start + UInt64(source.byte()))
        case 1: ends[1].session.want(block: start)
        case 2: ends[1].session.unwant(start..<start + UInt64(source.byte()))
        case 3: _ = ends[1].session.seek(toByte: UInt64(source.word()))
        default:
            guard let peer = ends[1].peer else { return }
            ends[1].session.sendExtension("x", body: [1], to: peer)
        }
    }

    private func write(
        _ source: inout ByteSource, _ writing: borrowing StoreTransaction
    ) throws {
        let feed = ends[0].feed
        let fork = try writing.snapshot.head(of: feed).fork
        if source.chance(70) {
            let block = [UInt8](repeating: source.byte(), count: source.number(below: 40))
            _ = try writing.append(block, to: feed, signingWith: Self.keyPair)
            history[fork, default: []].append(block)
        } else {
            let known = history[fork] ?? []
            let length = source.number(below: known.count + 1)
            let head = try writing.truncate(
                feed, to: UInt64(length), signingWith: Self.keyPair)
            history[head.fork] = Array(known.prefix(length))
        }
        try ends[0].session.refresh(from: writing.snapshot, reloadingHeld: true)
    }

    /// Damages, drops, doubles or reorders frames on their way.
    private func disturb(_ number: Int, _ source: inout ByteSource) {
        isDisturbed = true
        guard !ends[number].incoming.isEmpty else { return }
        let place = source.number(below: ends[number].incoming.count)
        switch source.number(below: 6) {
        case 0: ends[number].incoming.remove(at: place)
        case 1: ends[number].incoming.append(ends[number].incoming[place])
        case 2: ends[number].incoming.swapAt(0, place)
        default:
            for _ in 0...source.number(below: 4) {
                ends[number].incoming[place].change(&source)
            }
        }
    }

    /// Puts a message of the input's own on the wire.
    private func inject(_ number: Int, _ source: inout ByteSource) throws {
        isDisturbed = true
        let type = source.byte()
        let piece = source.piece()
        let isFrame = type & 0x80 != 0
        ends[number].incoming.append((isFrame ? [] : [1, type & 15]) + Array(piece))
    }

    private func deliver(_ number: Int, count: Int) throws {
        for _ in 0..<min(count, ends[number].incoming.count) {
            let bytes = ends[number].incoming.removeFirst()
            let buffer = UnsafeMutableRawBufferPointer.allocate(
                byteCount: bytes.count, alignment: 1)
            buffer.copyBytes(from: bytes)
            ends[number].kept.append(buffer)
            var frame = IncomingFrame(UnsafeRawBufferPointer(buffer))
            while let event = try ends[number].multiplexer.next(in: &frame) {
                try handle(event, number)
            }
        }
    }

    private func handle(_ event: Event, _ number: Int) throws {
        switch event {
        case .requested(let name):
            if name.id == ends[number].session.channelName.id { open(number) }
        case .opened(let channel, let handshake):
            guard channel == ends[number].channel, let peer = ends[number].peer else { return }
            try ends[number].session.open(
                peer, handshake: handshake, handshakeHash: Self.hash,
                isInitiator: ends[number].isInitiator)
        case .message(let channel, let type, let body):
            guard channel == ends[number].channel, let peer = ends[number].peer else { return }
            _ = try ends[number].session.receive(type: type, body: body, from: peer)
        case .heldMessage: break
        case .closed(let channel, _):
            guard channel == ends[number].channel else { return }
            if close(number) { open(number) }
        }
    }

    /// Stores what came, plans and writes, on both sides.
    private func turn(
        _ writing: borrowing StoreTransaction, _ reading: borrowing StoreTransaction
    ) throws {
        try turn(0, writing)
        try turn(1, reading)
    }

    private func turn(_ number: Int, _ transaction: borrowing StoreTransaction) throws {
        if ends[number].session.hasPendingAnswers {
            try ends[number].session.apply(in: transaction)
            try ends[number].session.commit(from: transaction.snapshot)
        }
        for buffer in ends[number].kept { buffer.deallocate() }
        ends[number].kept.removeAll()
        try ends[number].session.plan(now: now, from: transaction.snapshot)
        if let peer = ends[number].peer, let channel = ends[number].channel {
            var multiplexer = ends[number].multiplexer
            defer { ends[number].multiplexer = multiplexer }
            let outcome = try ends[number].session.flush(
                peer, into: &multiplexer, on: channel, from: transaction.snapshot, limit: 4096)
            if case .closed = outcome {
                ends[number].channel = nil
                ends[number].peer = nil
            }
        }
        _ = ends[number].session.takeEvents()
        var frames: [[UInt8]] = []
        ends[number].multiplexer.takeFrames().forEach { frames.append(Array($0)) }
        ends[1 - number].incoming += frames
    }

    // MARK: What must hold

    /// Everything that the reader holds is what the writer said.
    private func expectTruth(_ reading: borrowing StoreTransaction) throws {
        let feed = ends[1].feed
        let head = try reading.snapshot.head(of: feed)
        guard head.length > 0 else { return }
        guard let truth = history[head.fork], head.length <= UInt64(truth.count) else {
            fail("a head that the writer never signed")
        }
        let tree = MemoryTree(truth.prefix(Int(head.length)))
        require(tree.roots.treeHash == head.treeHash, "a tree that the writer never signed")
        for range in try reading.snapshot.heldRanges(in: 0..<head.length, of: feed) {
            for index in range {
                let block = try reading.snapshot.block(at: index, of: feed)
                require(block == truth[Int(index)], "block \(index) of nobody")
            }
        }
    }

    /// Without disturbance the reader ends with everything that it wants.
    private func expectComplete(
        _ writing: borrowing StoreTransaction, _ reading: borrowing StoreTransaction
    ) throws {
        guard ends[1].session.wantsEverything else { return }
        let theirs = try writing.snapshot.head(of: ends[0].feed)
        // That a feed is empty again is nothing that could be proven.
        guard theirs.length > 0 else { return }
        let ours = try reading.snapshot.head(of: ends[1].feed)
        require(
            ours.fork == theirs.fork && ours.length == theirs.length
                && ours.contiguousLength == theirs.length,
            "a reader that is left behind: \(ours) of \(theirs)")
    }
}
