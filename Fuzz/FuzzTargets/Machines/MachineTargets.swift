import Archives
import CompactEncoding
import Cryptography
import Feeds

@testable import Multiwriter
@testable import Replication

extension FuzzTarget {
    static let machines: [FuzzTarget] = [
        FuzzTarget(
            "wire-message",
            seeds: [.made { [] }]
                + (0..<10).flatMap { type in
                    ["encoded", "encoded_v10", "encoded_v11", "hex"].map {
                        Seed.bytes("wire-messages", $0, prefix: [type])
                    }
                } + [.made { runs }], runWireMessage),
        FuzzTarget("coordinator", seeds: [.made { coordinatorMessages }], runCoordinator),
        FuzzTarget("resolution", seeds: [.made { Programs.some }], runResolution),
        FuzzTarget(
            "multiplexer",
            seeds: [
                .chunks(file: "protomux", list: "steps", member: "frame", prefix: [3]),
                .chunks(file: "transcript", list: "frames", member: "frame", prefix: [1]),
                .made { Programs.some },
            ], MultiplexerWorld.runHostile),
        FuzzTarget("multiplexer-pair", seeds: [.made { Programs.some }], MultiplexerWorld.runPair),
        FuzzTarget("feed-session", seeds: [.made { Programs.exchanges }], FeedWorld.run),
        FuzzTarget("hostile-index", seeds: [.made { try HostileIndex.seeds() }], HostileIndex.run),
        FuzzTarget("sync-hub", seeds: [.made { Programs.exchanges }], HubWorld.run),
    ]

    /// A request for a run, a plain run of two blocks and a compressed one.
    private static var runs: [[UInt8]] {
        [
            [10, 0, 5, 2, 7, 3, 0xfe, 0, 0, 1, 0], [11, 0, 5, 2, 1, 0, 2, 1, 65, 66, 67],
            [11, 1, 5, 2, 1, 0, 5, 1, 5, 0, 250, 255, 2, 1, 65, 66, 67],
        ]
    }

    private static func runWireMessage(_ input: UnsafeRawBufferPointer) throws {
        guard let type = input.first else { return }
        let body = UnsafeRawBufferPointer(rebasing: input.dropFirst())
        let limits = ReplicationLimits()
        _ = try? ChannelHandshake(decoding: body)
        guard let message = try WireMessage.decode(type: UInt64(type), body: body, limits: limits)
        else { return }
        if case .extensionMessage(let name, _) = message {
            // Text that was mended is longer, and may be longer than a name may be.
            guard name.utf8.count <= limits.maximumExtensionNameByteCount else { return }
        }
        if case .run(let run) = message {
            var scratch: [UInt8] = []
            run.withRun(unpackingInto: &scratch) { run in
                guard let run else { return }
                let sum = run.lengths.reduce(0) { $0 + Int($1) }
                require(sum == run.bytes.count, "a run of another length than its blocks")
            }
        }
        let bytes = encoded { message.encode(to: &$0) }
        bytes.withUnsafeBytes { bytes in
            let again = try? WireMessage.decode(type: UInt64(type), body: bytes, limits: limits)
            guard let again else { fail("a message that is not read back") }
            require(
                encoded { again.encode(to: &$0) } == Array(bytes), "a message of two encodings")
        }
    }

    private static var coordinatorMessages: [[UInt8]] {
        let link = FeedKey(Digest.hash(of: [1]))
        let messages: [CoordinatorMessage] = [
            .links([link, link], hasMore: true), .links([], hasMore: false), .ask(7), .mark(7),
            .settled(1 << 40), .refusal(code: 1, count: 5, sentence: "no more"),
        ]
        var all: [UInt8] = []
        for message in messages { all.append(piece: [UInt8(message.type)] + message.encoded) }
        return messages.map { message in
            var input: [UInt8] = []
            input.append(piece: [UInt8(message.type)] + message.encoded)
            return input
        } + [all, CoordinatorHandshake(isOnce: true).encoded]
    }

    /// Messages come in any order, and this side goes on with its own rounds.
    private static func runCoordinator(_ input: UnsafeRawBufferPointer) throws {
        if let handshake = try? CoordinatorHandshake(decoding: input) {
            require(
                (try? CoordinatorHandshake(decoding: handshake.encoded)) == handshake,
                "a handshake that is not read back")
        }
        var source = ByteSource(input)
        var machine = Coordinator(isOnce: false)
        while !source.isAtEnd {
            let piece = source.piece()
            guard let type = piece.first else {
                machine.ask()
                continue
            }
            var decoder = CompactDecoder(UnsafeRawBufferPointer(rebasing: piece.dropFirst()))
            let message = try CoordinatorMessage.decode(type: UInt64(type), from: &decoder)
            guard let message else { continue }
            if case .refusal(_, _, let sentence) = message {
                // Text that was mended is longer, and would be cut again.
                guard sentence.utf8.count <= SyncLimits.maximumSentenceByteCount else { return }
            }
            var bytes = message.encoded
            bytes.withCompactDecoder { decoder in
                let again = try? CoordinatorMessage.decode(type: UInt64(type), from: &decoder)
                require(again == message, "a message that is not read back")
            }
            if case .links(let links, _) = message {
                machine.tell(links)
                for link in links { machine.accepted(link) }
            } else {
                machine.receive(message)
            }
            machine.answer(isSettled: piece.count.isMultiple(of: 2))
            bytes = machine.takeOutgoing().flatMap(\.encoded)
            let rounds = machine.rounds
            require(
                rounds.marked <= rounds.asked && rounds.settled <= rounds.asked,
                "an answer to a question that was never asked")
        }
    }

    /// Whatever writers claim, something remains, each statement at most once.
    private static func runResolution(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        let links = (0..<8).map { FeedKey(Digest.hash(of: [UInt8($0)])) }
        let statements = (0..<source.number(below: 9)).map { number -> Statement in
            var seen = SeenVector()
            for _ in 0..<source.number(below: 6) {
                seen.see(links[source.number(below: 8)], upTo: source.size())
            }
            let sameness: [Statement.Sameness?] = [
                nil, .deletion, .directory(mode: 5), .pointer(.symlink, target: "x"),
                .content(.file, mode: nil, isExecutable: false, hash: .empty),
            ]
            return Statement(
                link: links[number], position: source.size(), seen: seen,
                mtime: source.chance(50) ? Timestamp(seconds: Int64(source.byte())) : nil,
                sameness: sameness[source.number(below: 5)])
        }
        let groups = Resolution.groups(of: statements)
        let flat = groups.flatMap { $0 }
        require(statements.isEmpty == groups.isEmpty, "nothing remains")
        require(groups.allSatisfy { !$0.isEmpty }, "a group of nobody")
        require(Set(flat).count == flat.count, "a statement that is shown twice")
        let reversed = Resolution.groups(of: statements.reversed())
        let mirrored = reversed.map { Set($0.map { statements.count - 1 - $0 }) }
        require(Set(mirrored) == Set(groups.map(Set.init)), "an outcome that depends on the order")
    }
}

/// Inputs to begin with that are choices and no bytes of a format.
enum Programs {
    static var some: [[UInt8]] {
        (0..<100).map { seed in
            (0..<(16 + seed)).map {
                UInt8(truncatingIfNeeded: ($0 &+ 3) &* (seed &* 61 &+ 17) >> 3)
            }
        }
    }

    /// Both sides get what is sent to them, with more and more disturbances.
    static var exchanges: [[UInt8]] {
        (0..<48).map { seed in
            var input = [UInt8(seed)]
            for step in 0..<(20 + seed * 3) {
                input.append(UInt8(step % 2 * 4))
                input.append(UInt8((step * 7 + seed) % 3))
                if seed > 7, step % (60 - seed) == 9 {
                    input += [UInt8(7 + step % 3), UInt8(truncatingIfNeeded: step * seed)]
                }
            }
            return input
        } + some
    }
}
