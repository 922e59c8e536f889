import Multiplexing
import Testing

@Suite struct MultiplexerTests {
    /// Two multiplexers and what one of them has to say to the other.
    private struct Pair {
        var left = Multiplexer()
        var right = Multiplexer()
        var events: [String] = []
        var answer: (inout Multiplexer, ChannelName) -> Void = { _, _ in }

        init(_ limits: MultiplexerLimits = MultiplexerLimits()) {
            right = Multiplexer(limits: limits)
        }

        /// Delivers all frames of the left side.
        mutating func deliver() throws {
            var frames: [[UInt8]] = []
            left.takeFrames().forEach { frames.append([UInt8]($0)) }
            for frame in frames { try receive(frame) }
        }

        mutating func receive(_ frame: [UInt8]) throws(ProtocolViolation) {
            let outcome = frame.withUnsafeBytes { bytes -> ProtocolViolation? in
                var incoming = IncomingFrame(bytes)
                do throws(ProtocolViolation) {
                    while let event = try right.next(in: &incoming) { note(event) }
                    return nil
                } catch {
                    return error
                }
            }
            if let outcome { throw outcome }
        }

        /// Takes the events that opening a held channel has made.
        mutating func drain() throws {
            var incoming = IncomingFrame.empty
            while let event = try right.next(in: &incoming) { note(event) }
        }

        private mutating func note(_ event: Event) {
            switch event {
            case .requested(let name):
                events.append("requested \(name.protocolName)")
                answer(&right, name)
            case .opened(_, let handshake): events.append("opened \(handshake)")
            case .message(_, let type, let body): events.append("\(type): \([UInt8](body))")
            case .heldMessage(_, let type, let body): events.append("held \(type): \(body)")
            case .closed(_, let reason): events.append("\(reason)")
            }
        }
    }

    @Test func `holds early messages until the channel is opened`() throws {
        var pair = Pair()
        pair.answer = { $0.hold($1) }
        let madeChannel = pair.left.open(ChannelName("chat"), handshake: [9])
        let channel = try #require(madeChannel)
        pair.left.send(3, on: channel, body: [1, 2])
        try pair.deliver()
        #expect(pair.events == ["requested chat"])
        let opened = pair.right.open(ChannelName("chat"))
        #expect(opened != nil)
        pair.left.send(4, on: channel, body: [])
        try pair.deliver()
        #expect(pair.events == ["requested chat", "opened [9]", "held 3: [1, 2]", "4: []"])
    }

    @Test func `opening a held channel gives its events without a frame`() throws {
        var pair = Pair()
        pair.answer = { $0.hold($1) }
        let madeChannel = pair.left.open(ChannelName("chat"))
        let channel = try #require(madeChannel)
        pair.left.send(0, on: channel, body: [7])
        try pair.deliver()
        _ = pair.right.open(ChannelName("chat"))
        try pair.drain()
        #expect(pair.events.suffix(2) == ["opened []", "held 0: [7]"])
    }

    @Test func `rejects a held channel`() throws {
        var pair = Pair()
        pair.answer = { $0.hold($1) }
        let madeIt = pair.left.open(ChannelName("chat"))
        _ = try #require(madeIt)
        try pair.deliver()
        pair.right.reject(ChannelName("chat"))
        var frames: [[UInt8]] = []
        pair.right.takeFrames().forEach { frames.append([UInt8]($0)) }
        #expect(frames == [[0, 2, 1]])
        #expect(pair.right.isIdle)
    }

    @Test func `a held channel that its owner closes is rejected`() throws {
        var pair = Pair()
        pair.answer = { $0.hold($1) }
        let madeChannel = pair.left.open(ChannelName("chat"))
        let channel = try #require(madeChannel)
        pair.left.close(channel)
        try pair.deliver()
        var frames: [[UInt8]] = []
        pair.right.takeFrames().forEach { frames.append([UInt8]($0)) }
        #expect(frames == [[0, 2, 1]])
        let opened = pair.right.open(ChannelName("chat"))
        #expect(opened != nil)
        try pair.drain()
        #expect(pair.events == ["requested chat"])
    }

    @Test func `a channel is found under its alias when the remote was first`() throws {
        var pair = Pair()
        pair.answer = { multiplexer, name in
            _ = multiplexer.open(ChannelName("new", id: name.id), aliases: ["old"])
        }
        _ = pair.left.open(ChannelName("old", id: [1]))
        try pair.deliver()
        #expect(pair.events == ["requested old", "opened []"])
    }

    @Test func `messages on a closed channel are dropped`() throws {
        var multiplexer = Multiplexer()
        let madeChannel = multiplexer.open(ChannelName("chat"))
        let channel = try #require(madeChannel)
        multiplexer.close(channel)
        multiplexer.send(0, on: channel, body: [1])
        multiplexer.close(channel)
        let frames = multiplexer.takeFrames()
        #expect(frames.count == 2)
    }

    @Test func `a reused number is not the old channel`() throws {
        var pair = Pair()
        pair.answer = { _ = $0.open($1) }
        let madeFirst = pair.left.open(ChannelName("one"))
        let first = try #require(madeFirst)
        try pair.deliver()
        let open: [UInt8] = [0, 1, 1, 3] + "one".utf8 + [0]
        let isPaired = try open.withUnsafeBytes { bytes -> Bool in
            var incoming = IncomingFrame(bytes)
            while let event = try pair.left.next(in: &incoming) {
                if case .opened = event { return true }
            }
            return false
        }
        #expect(isPaired)
        pair.left.close(first)
        let madeSecond = pair.left.open(ChannelName("two"))
        let second = try #require(madeSecond)
        #expect(first.number == second.number && first != second)
        #expect(!pair.left.isOpen(first) && pair.left.isOpen(second))
    }

    @Test func `batches are cut at their limit`() throws {
        var limits = MultiplexerLimits()
        limits.maximumBatchByteCount = 100
        var multiplexer = Multiplexer(limits: limits)
        let madeChannel = multiplexer.open(ChannelName("chat"))
        let channel = try #require(madeChannel)
        _ = multiplexer.takeFrames()
        multiplexer.corked { multiplexer in
            for _ in 0..<10 {
                multiplexer.send(0, on: channel, body: [UInt8](repeating: 1, count: 40))
            }
        }
        var sizes: [Int] = []
        multiplexer.takeFrames().forEach { sizes.append($0.count) }
        #expect(sizes == [129, 129, 129, 45])
    }

    @Test func `corks nest`() throws {
        var multiplexer = Multiplexer()
        let madeChannel = multiplexer.open(ChannelName("chat"))
        let channel = try #require(madeChannel)
        _ = multiplexer.takeFrames()
        multiplexer.corked { multiplexer in
            multiplexer.corked { $0.send(0, on: channel, body: [1]) }
            multiplexer.send(0, on: channel, body: [2])
        }
        multiplexer.corked { _ in }
        let frames = multiplexer.takeFrames()
        #expect(frames.count == 1)
    }

    @Test func `limits are kept`() throws {
        var limits = MultiplexerLimits()
        limits.maximumWaitingChannelCount = 3
        limits.maximumRemoteChannelCount = 5
        limits.maximumHeldByteCount = 4_096
        limits.maximumHandshakeByteCount = 10
        limits.maximumProtocolByteCount = 8
        func violation(_ act: (inout Pair) -> Void, holds: Bool) -> ProtocolViolation? {
            var pair = Pair(limits)
            if holds { pair.answer = { $0.hold($1) } } else { pair.answer = { _ = $0.open($1) } }
            act(&pair)
            do {
                try pair.deliver()
                return nil
            } catch {
                return error as? ProtocolViolation
            }
        }
        let tooManyWaiting = violation(
            { for number in 0..<4 { _ = $0.left.open(ChannelName("a\(number)")) } }, holds: true)
        #expect(tooManyWaiting == .limitExceeded("maximumWaitingChannelCount"))
        let tooMany = violation(
            { for number in 0..<6 { _ = $0.left.open(ChannelName("a\(number)")) } }, holds: false)
        #expect(tooMany == .limitExceeded("maximumRemoteChannelCount"))
        let tooMuchHeld = violation(
            { pair in
                guard let channel = pair.left.open(ChannelName("a")) else { return }
                for _ in 0..<10 { pair.left.send(0, on: channel, body: [1]) }
            }, holds: true)
        #expect(tooMuchHeld == .limitExceeded("maximumHeldByteCount"))
        let longHandshake = violation(
            { _ = $0.left.open(ChannelName("a"), handshake: [UInt8](repeating: 0, count: 11)) },
            holds: false)
        #expect(longHandshake == .limitExceeded("maximumHandshakeByteCount"))
        let longName = violation({ _ = $0.left.open(ChannelName("far too long")) }, holds: false)
        #expect(longName == .limitExceeded("maximumProtocolByteCount"))
    }

    @Test(arguments: [
        [0, 0, 0, 1, 0],  // a batch in a batch
        [0, 1, 0, 1, 97, 0],  // number 0
        [0, 1, 2, 1, 97, 0],  // a number left out
        [0, 2, 1],  // a reject of nothing
        [0], [1], [0, 1], [0, 1, 1], [0, 1, 1, 5, 97], [0, 2], [0, 3], [0, 0],
        [0, 0, 0, 9, 1],
    ])
    func `ends the stream on what nobody may send`(frame: [UInt8]) {
        var pair = Pair()
        #expect(throws: ProtocolViolation.self) { try pair.receive(frame) }
    }

    @Test func `any bytes are an answer or a violation, never a trap`() {
        var state: UInt64 = 88_172_645_463_325_252
        func random() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        for _ in 0..<300 {
            var pair = Pair()
            pair.answer = { multiplexer, name in
                switch random() % 3 {
                case 0: _ = multiplexer.open(name)
                case 1: multiplexer.hold(name)
                default: break
                }
            }
            for _ in 0..<60 {
                let frame = (0..<random() % 14).map { _ in UInt8(truncatingIfNeeded: random() % 6) }
                guard (try? pair.receive(frame)) != nil else {
                    pair.right.end()
                    break
                }
                if random() % 5 == 0, let channel = pair.right.channels.first {
                    pair.right.close(channel)
                }
            }
        }
    }

    @Test func `after the end nothing is open and nothing is said`() throws {
        var multiplexer = Multiplexer()
        let madeChannel = multiplexer.open(ChannelName("chat"))
        let channel = try #require(madeChannel)
        _ = multiplexer.takeFrames()
        let closed = multiplexer.end()
        #expect(closed == [channel])
        let again = multiplexer.end()
        #expect(again.isEmpty)
        multiplexer.send(0, on: channel, body: [1])
        let late = multiplexer.open(ChannelName("chat"))
        #expect(late == nil)
        let frames = multiplexer.takeFrames()
        #expect(frames.isEmpty)
    }
}
