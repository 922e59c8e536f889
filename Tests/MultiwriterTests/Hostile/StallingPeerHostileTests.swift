import Cryptography
import Feeds
import Multiplexing
import Replication
import Testing

@testable import Multiwriter

/// Peers that keep a connection and give nothing: they are dropped after a while and cost little.
@Suite struct StallingPeerTests {
    @Test func `a peer that sends nothing`() throws {
        let hostile = try HostileWorld()
        let imposter = try Imposter(hostile.world)
        try hostile.wait(for: imposter, seconds: 31)
        #expect(imposter.ending?.code == .silence)
        try hostile.expectHonestIsServed()
    }

    @Test func `one byte of the handshake a second`() throws {
        let hostile = try HostileWorld()
        let imposter = try Imposter(hostile.world)
        for byte in [UInt8](repeating: 0, count: 40).enumerated() where !imposter.isDropped {
            imposter.send(raw: [byte.offset == 0 ? 32 : 0])
            try hostile.world.advance(seconds: 1)
        }
        #expect(imposter.ending?.code == .silence)
        try hostile.expectHonestIsServed()
    }

    @Test(arguments: [0, 1, 2, 3, 40, 2_000])
    func `half a frame and then nothing`(byteCount: Int) throws {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        let frame = imposter.encrypted([UInt8](repeating: 7, count: 5_000))
        imposter.send(raw: Array(frame.prefix(byteCount)))
        try hostile.wait(for: imposter, seconds: 62)
        #expect(imposter.ending?.code == .silence)
        try hostile.expectHonestIsServed()
    }

    @Test func `one byte a second of a frame of 16 MiB`() throws {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        imposter.send(raw: [0xff, 0xff, 0xff])
        let before = residentByteCount()
        for _ in 0..<62 where !imposter.isDropped {
            imposter.send(raw: [1])
            try hostile.world.advance(seconds: 1)
        }
        #expect(imposter.ending?.code == .silence)
        #expect(residentByteCount() - before < 64 << 20)
        try hostile.expectHonestIsServed()
    }

    @Test func `a peer that never stops sending keep-alives holds nobody up`() throws {
        let hostile = try HostileWorld()
        let imposter = try hostile.imposter()
        let state = try hostile.state()
        for _ in 0..<100 {
            for _ in 0..<100 { imposter.send(frame: []) }
            try hostile.world.advance(seconds: 1)
        }
        #expect(!imposter.isDropped)
        #expect(try hostile.state() == state)
        try hostile.expectHonestIsServed()
    }

    @Test(arguments: [true, false])
    func `a peer that promises blocks and answers nothing is dropped`(isHonestThere: Bool) throws {
        let hostile = try HostileWorld()
        let link = FeedKey(Digest.hash(of: [1, 2, 3]))
        try hostile.victim.addNow([link])
        let imposter = try hostile.imposter()
        let channel = try imposter.open(link)
        if isHonestThere { hostile.world.connect(1, 0) }
        imposter.promise(10, on: channel)
        imposter.flush()
        var seconds = 0
        while !imposter.isDropped, seconds < 100 {
            imposter.send(frame: [])
            try hostile.world.advance(seconds: 1)
            seconds += 1
        }
        #expect(imposter.ending?.code == .silence)
        #expect(imposter.reason.contains("answered nothing"))
        #expect((60...70).contains(seconds), "\(seconds) s")
        try hostile.expectHonestIsServed()
    }

    @Test(arguments: Chatter.allCases, [true, false])
    func `talk of anything else does not stand for answers`(
        chatter: Chatter, isHonestThere: Bool
    ) throws {
        let hostile = try HostileWorld()
        let link = FeedKey(Digest.hash(of: [1, 2, 3]))
        try hostile.victim.addNow([link])
        let imposter = try hostile.imposter()
        var channel = try imposter.open(link)
        if isHonestThere { hostile.world.connect(1, 0) }
        imposter.promise(10, on: channel)
        imposter.flush()
        var seconds = 0
        while !imposter.isDropped, seconds < 700 {
            imposter.send(frame: [])
            if seconds % 3 == 0 {
                try imposter.talk(chatter, UInt64(seconds), about: link, on: &channel)
            }
            imposter.flush()
            try hostile.world.advance(seconds: 1)
            seconds += 1
        }
        #expect(imposter.ending?.code == .silence)
        #expect(imposter.reason.contains("answered nothing"))
        #expect((60...(chatter.moves ? 610 : 75)).contains(seconds), "\(seconds) s")
        try hostile.expectHonestIsServed()
    }

    /// Every length at which what an honest peer says first can break off.
    @Test(arguments: 0..<24)
    func `a stream that ends anywhere`(part: Int) throws {
        let hostile = try HostileWorld()
        let state = try hostile.state()
        for count in stride(from: part, to: 264, by: 24) {
            let imposter = try Imposter(hostile.world)
            try imposter.start()
            // The first message has 35 bytes; with the rest of a handshake more can be cut.
            if count < 35 {
                imposter.wire.left.incoming = Array(imposter.wire.left.incoming.prefix(count))
            } else {
                try hostile.world.run()
                imposter.listen()
                if !imposter.shake() { continue }
                let frame = imposter.encrypted([UInt8](repeating: 0, count: 200))
                imposter.send(raw: Array(frame.prefix(count - 35)))
            }
            imposter.wire.left.isOver = true
            try hostile.world.run()
            #expect(imposter.isDropped, "\(count) bytes")
        }
        #expect(try hostile.state() == state)
        try hostile.expectHonestIsServed()
    }

    @Test(arguments: ["", "GET / HTTP/1.1\r\n\r\n", "mdrive\u{01}\u{10}", "\u{0}\u{0}\u{0}\u{0}"])
    func `something that is no handshake`(text: String) throws {
        let hostile = try HostileWorld()
        let imposter = try Imposter(hostile.world)
        imposter.send(raw: Array(text.utf8))
        try hostile.world.run()
        try hostile.wait(for: imposter, seconds: 31)
        let code = imposter.ending?.code
        #expect(code == .notMdrive || code == .silence || code == .handshakeFailed)
        try hostile.expectHonestIsServed()
    }

    @Test(arguments: SmallOrderPoint.allCases)
    func `a handshake with a point of small order`(point: SmallOrderPoint) throws {
        let hostile = try HostileWorld()
        let imposter = try Imposter(hostile.world)
        imposter.send(raw: [32, 0, 0] + point.bytes)
        try hostile.world.run()
        #expect(imposter.ending?.code == .handshakeFailed)
        #expect(imposter.receivedByteCount == 0)
        try hostile.expectHonestIsServed()
    }

    @Test func `ourselves`() throws {
        let hostile = try HostileWorld()
        let own = hostile.victim.store.primaryKey.keyPair(named: Drive.connectionKeyName)
        let imposter = try Imposter(hostile.world, keyPair: own)
        try imposter.start()
        try hostile.world.run()
        #expect(imposter.ending?.code == .ourselves)
        try hostile.expectHonestIsServed()
    }
}

/// Points of Edwards form that make every agreement predictable.
enum SmallOrderPoint: String, CaseIterable {
    case zero = "0000000000000000000000000000000000000000000000000000000000000000"
    case one = "0100000000000000000000000000000000000000000000000000000000000000"
    case minusOne = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
    case ofOrderFour = "0000000000000000000000000000000000000000000000000000000000000080"
    case ofOrderEight = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    case otherOfOrderEight = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
    case notCanonical = "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"

    var bytes: [UInt8] {
        let digits = Array(rawValue)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(digits[$0..<$0 + 2]), radix: 16) ?? 0
        }
    }
}

/// What a peer says that answers nothing.
enum Chatter: CaseIterable {
    case sync, growingSync, ranges, wants, unknownTypes, unaskedNothing, reopening, largeFrames

    /// Whether it could be the beginning of an answer.
    var moves: Bool { self == .largeFrames }
}

extension Imposter {
    /// Says that it has so many blocks of a feed.
    func promise(_ length: UInt64, on channel: Channel) {
        say(
            .sync(
                SyncMessage(
                    fork: 0, length: length, remoteLength: 0, canUpgrade: true,
                    isDownloading: false, hasManifest: true)), on: channel)
        say(.range(isDrop: false, start: 0, length: length), on: channel)
    }

    func talk(
        _ chatter: Chatter, _ number: UInt64, about link: FeedKey, on channel: inout Channel
    ) throws {
        switch chatter {
        case .sync: promise(10, on: channel)
        case .growingSync: promise(10 + number, on: channel)
        case .ranges: say(.range(isDrop: false, start: number, length: 5), on: channel)
        case .wants: say(.want(start: 0, length: 1 << 20, any: false), on: channel)
        case .unknownTypes: multiplexer.send(99, on: channel, body: [1, 2, 3])
        case .unaskedNothing: say(.noData(request: 900 + number, reason: 0), on: channel)
        case .reopening:
            multiplexer.close(channel)
            flush()
            try world.run()
            listen()
            channel = try open(link)
            promise(10, on: channel)
        case .largeFrames:
            let frame = encrypted([0] + [UInt8](repeating: 0, count: 20_000))
            send(raw: Array(frame.prefix(10_000)))
            try world.run()
            send(raw: Array(frame.dropFirst(10_000)))
        }
    }
}
