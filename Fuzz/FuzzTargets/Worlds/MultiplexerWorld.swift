import Cryptography

@testable import Multiplexing

/// Multiplexers that are driven by the choices of an input.
enum MultiplexerWorld {
    private static let names = [
        ChannelName("chat"), ChannelName("hypercore/alpha", id: [1]),
        ChannelName("hypercore/alpha", id: [2]), ChannelName("mdrive/coordinator"),
    ]

    /// An alias belongs to one protocol.
    private static func aliases(of name: ChannelName) -> [String] {
        name.protocolName == "hypercore/alpha" ? ["hypercore"] : []
    }

    /// A hostile remote sends frames; what is kept of them stays within its limits.
    static func runHostile(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        let flags = source.byte()
        var limits = MultiplexerLimits()
        if flags & 1 == 0 {
            limits.maximumRemoteChannelCount = 9
            limits.maximumWaitingChannelCount = 3
            limits.maximumHeldByteCount = 3000
            limits.pausingHeldByteCount = 1000
        }
        var multiplexer = Multiplexer(limits: limits)
        if flags & 2 != 0 {
            for name in names { _ = multiplexer.open(name, aliases: aliases(of: name)) }
        }
        var open: Set<Channel> = Set(multiplexer.channels)
        while !source.isAtEnd {
            let choice = flags & 4 == 0 ? 255 : source.byte()
            if choice < 100 { act(choice, &multiplexer, &open, &source) }
            var frame = IncomingFrame(source.piece())
            while let event = try multiplexer.next(in: &frame) {
                take(event, &multiplexer, &open, isHolding: flags & 8 != 0, choice)
            }
            require(multiplexer.heldByteCount <= limits.maximumHeldByteCount, "held too much")
            require(multiplexer.remotes.count <= limits.maximumRemoteChannelCount, "channels")
            require(multiplexer.waiting.count <= limits.maximumWaitingChannelCount, "waiting")
            require(open == Set(multiplexer.channels), "channels that nobody told of")
            if choice & 1 == 0 { multiplexer.takeFrames().forEach { _ in } }
        }
        multiplexer.end()
        require(multiplexer.isIdle, "a channel that outlives its stream")
    }

    private static func take(
        _ event: Event, _ multiplexer: inout Multiplexer, _ open: inout Set<Channel>,
        isHolding: Bool, _ choice: UInt8
    ) {
        switch event {
        case .requested(let name):
            if isHolding {
                multiplexer.hold(name)
            } else if choice & 2 != 0, let channel = multiplexer.open(name) {
                open.insert(channel)
            }
        case .opened(let channel, _):
            require(open.contains(channel), "a channel that nobody opened")
        case .message(let channel, _, let body):
            require(open.contains(channel), "a message on no channel")
            if choice & 4 != 0 { multiplexer.send(1, on: channel, body: body) }
        case .heldMessage(let channel, _, _):
            require(open.contains(channel), "a message on no channel")
        case .closed(let channel, _):
            require(open.remove(channel) != nil, "a channel that closes twice")
        }
    }

    private static func act(
        _ choice: UInt8, _ multiplexer: inout Multiplexer, _ open: inout Set<Channel>,
        _ source: inout ByteSource
    ) {
        let name = names[source.number(below: names.count)]
        switch choice % 7 {
        case 0, 1:
            let channel = multiplexer.open(
                name, aliases: aliases(of: name), isUnique: choice & 8 == 0,
                handshake: [choice])
            if let channel { open.insert(channel) }
        case 2:
            guard let channel = open.sorted(by: { $0.number < $1.number }).first else { return }
            multiplexer.close(channel)
            open.remove(channel)
        case 3:
            for channel in open.sorted(by: { $0.number < $1.number }) {
                multiplexer.send(UInt64(choice), on: channel, body: [choice, 1])
            }
        case 4: multiplexer.reject(name)
        case 5:
            multiplexer.corked { multiplexer in
                for channel in open { multiplexer.send(2, on: channel, body: [1]) }
            }
        default: multiplexer.send(7, on: Channel(number: UInt32(choice), generation: 99), body: [])
        }
    }

    // MARK: Two honest sides

    private struct Side {
        var multiplexer = Multiplexer()
        var open: Set<Channel> = []
        var incoming: [[UInt8]] = []

        mutating func act(_ choice: UInt8, _ source: inout ByteSource) {
            MultiplexerWorld.act(choice, &multiplexer, &open, &source)
        }

        mutating func deliver(_ choice: UInt8) throws {
            guard !incoming.isEmpty else { return }
            let bytes = incoming.removeFirst()
            try bytes.withUnsafeBytes { bytes in
                var frame = IncomingFrame(bytes)
                while let event = try multiplexer.next(in: &frame) {
                    take(event, &multiplexer, &open, isHolding: choice & 1 != 0, choice)
                }
            }
        }
    }

    /// Neither of two honest sides ever finds fault with the other.
    static func runPair(_ input: UnsafeRawBufferPointer) throws {
        var source = ByteSource(input)
        var sides = [Side(), Side()]
        for _ in 0..<300 where !source.isAtEnd {
            let choice = source.byte()
            let number = Int(choice >> 7)
            do {
                if choice & 127 < 60 {
                    try sides[number].deliver(choice)
                } else {
                    sides[number].act(choice & 127, &source)
                }
                pass(&sides)
            } catch {
                fail("an honest side is found fault with: \(error)")
            }
        }
        // Hundreds of channels that all send often leave many frames; none of them is answered.
        for _ in 0..<100_000 where sides.contains(where: { !$0.incoming.isEmpty }) {
            for number in 0..<2 {
                do { try sides[number].deliver(0) } catch { fail("found fault: \(error)") }
            }
            pass(&sides)
        }
        require(sides.allSatisfy(\.incoming.isEmpty), "two sides that do not come to rest")
    }

    private static func pass(_ sides: inout [Side]) {
        for number in 0..<2 {
            var frames: [[UInt8]] = []
            sides[number].multiplexer.takeFrames().forEach { frames.append(Array($0)) }
            sides[1 - number].incoming += frames
            require(
                sides[number].open == Set(sides[number].multiplexer.channels),
                "channels that nobody told of")
        }
    }
}
