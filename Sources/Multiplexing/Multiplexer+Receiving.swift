import CompactEncoding

/// A frame of the remote and how far it has been read.
///
/// The memory must stay as it is until ``Multiplexer/next(in:)`` has said `nil`.
public struct IncomingFrame {
    let bytes: UnsafeRawBufferPointer
    var offset = 0
    var mode = Mode.unread

    enum Mode {
        case unread
        case batch(channel: UInt64, isCorked: Bool)
        case read
    }

    /// Begins to read a frame; an empty one has no events.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        if bytes.isEmpty { mode = .read }
    }

    /// A frame without content, for the events that opening a held channel has made.
    public static var empty: IncomingFrame {
        IncomingFrame(UnsafeRawBufferPointer(start: nil, count: 0))
    }
}

// MARK: - Receiving

extension Multiplexer {
    /// Whether so much waits for unanswered channels that reading should pause.
    public var shouldPauseReading: Bool { heldByteCount > limits.pausingHeldByteCount }

    /// The next thing that a frame brings, `nil` at its end.
    ///
    /// Read every frame to its end: answers to a batch are gathered until then.
    public mutating func next(
        in frame: inout IncomingFrame
    ) throws(ProtocolViolation) -> Event? {
        while !hasEnded {
            if let number = pendingRequest {
                pendingRequest = nil
                reject(waiting: number)
            }
            if let event = takeReady() { return event }
            switch frame.mode {
            case .read:
                return nil
            case .unread:
                if let event = try begin(&frame) { return event }
            case .batch(let channel, let isCorked):
                if let event = try continueBatch(&frame, channel: channel, isCorked: isCorked) {
                    return event
                }
            }
        }
        return nil
    }

    private mutating func takeReady() -> Event? {
        while readyPosition < ready.count {
            let event = ready[readyPosition]
            readyPosition += 1
            if readyPosition == ready.count {
                ready.removeAll(keepingCapacity: false)
                readyPosition = 0
            }
            switch event {
            case .opened(let channel, let handshake) where numbers.isOpen(channel):
                return .opened(channel, handshake: handshake)
            case .message(let channel, let type, let body) where numbers.isOpen(channel):
                return .heldMessage(channel, type: type, body: body)
            default:
                continue
            }
        }
        return nil
    }

    private mutating func begin(
        _ frame: inout IncomingFrame
    ) throws(ProtocolViolation) -> Event? {
        frame.mode = .read
        var decoder = CompactDecoder(frame.bytes)
        let channel = try decoder.violatingUInt()
        let type = try decoder.violatingUInt()
        if channel == 0 && type == 0 {
            let first = try decoder.violatingUInt()
            frame.offset = frame.bytes.count - decoder.remainingByteCount
            frame.mode = .batch(channel: first, isCorked: false)
            return nil
        }
        return try handle(channel: channel, type: type, body: decoder.remainder)
    }

    private mutating func continueBatch(
        _ frame: inout IncomingFrame, channel: UInt64, isCorked: Bool
    ) throws(ProtocolViolation) -> Event? {
        guard frame.offset < frame.bytes.count else {
            frame.mode = .read
            if isCorked { uncork() }
            return nil
        }
        var decoder = CompactDecoder(
            UnsafeRawBufferPointer(rebasing: frame.bytes[frame.offset...]))
        let length = try decoder.violatingUInt()
        if length == 0 {
            let next = try decoder.violatingUInt()
            frame.offset = frame.bytes.count - decoder.remainingByteCount
            frame.mode = .batch(channel: next, isCorked: isCorked)
            return nil
        }
        let rest = decoder.remainder
        guard length <= UInt64(rest.count) else {
            // A message for a channel that is gone may be cut short and is ignored like any other.
            guard isIgnored(channel) else { throw .malformedFrame }
            frame.offset = frame.bytes.count
            return nil
        }
        let end = frame.bytes.count - rest.count + Int(length)
        frame.offset = end
        if !isCorked && end < frame.bytes.count {
            cork()
            frame.mode = .batch(channel: channel, isCorked: true)
        }
        var item = CompactDecoder(UnsafeRawBufferPointer(rebasing: rest[..<Int(length)]))
        let type = try item.violatingUInt()
        if channel == 0 && type == 0 { throw .nestedBatch }
        return try handle(channel: channel, type: type, body: item.remainder)
    }

    private func isIgnored(_ channel: UInt64) -> Bool {
        guard channel > 0 else { return false }
        return channel > UInt64(remotes.count) || remotes[Int(channel) - 1].state == .free
    }

    private mutating func handle(
        channel: UInt64, type: UInt64, body: UnsafeRawBufferPointer
    ) throws(ProtocolViolation) -> Event? {
        if channel == 0 { return try handleControl(type, body) }
        guard channel <= UInt64(remotes.count) else { return nil }
        switch remotes[Int(channel) - 1].state {
        case .free:
            return nil
        case .open(let number):
            guard let local = numbers.channel(numbered: number) else { return nil }
            return .message(local, type: type, body: body)
        case .waiting:
            try keep(type, body, for: UInt32(channel))
            return nil
        }
    }

    private mutating func keep(
        _ type: UInt64, _ body: UnsafeRawBufferPointer, for number: UInt32
    ) throws(ProtocolViolation) {
        let size = limits.heldMessageOverhead + body.count
        guard heldByteCount + size <= limits.maximumHeldByteCount else {
            throw .limitExceeded("maximumHeldByteCount")
        }
        heldByteCount += size
        waiting[number]?.heldByteCount += size
        waiting[number]?.messages.append((type, [UInt8](body)))
    }

    private mutating func handleControl(
        _ type: UInt64, _ body: UnsafeRawBufferPointer
    ) throws(ProtocolViolation) -> Event? {
        var decoder = CompactDecoder(body)
        switch type {
        case 1: return try handleOpen(&decoder)
        case 2: return try handleReject(decoder.violatingUInt())
        case 3: return try handleClose(decoder.violatingUInt())
        default: return nil
        }
    }

    private mutating func handleOpen(
        _ decoder: inout CompactDecoder
    ) throws(ProtocolViolation) -> Event? {
        let number = try decoder.violatingUInt()
        let name = try readName(&decoder)
        let handshake = decoder.remainder
        guard number > 0, number <= UInt64(remotes.count) + 1 else {
            throw .invalidOpen(number: number)
        }
        guard number <= UInt64(limits.maximumRemoteChannelCount) else {
            throw .limitExceeded("maximumRemoteChannelCount")
        }
        guard handshake.count <= limits.maximumHandshakeByteCount else {
            throw .limitExceeded("maximumHandshakeByteCount")
        }
        let index = Int(number) - 1
        if index == remotes.count { remotes.append(RemoteChannel()) }
        guard remotes[index].state == .free else { throw .invalidOpen(number: number) }

        if let own = names.takeOutgoing(name) {
            guard let channel = numbers.pair(own, remote: UInt32(number)) else { return nil }
            remotes[index].state = .open(own)
            return .opened(channel, handshake: [UInt8](handshake))
        }
        guard waiting.count < limits.maximumWaitingChannelCount else {
            throw .limitExceeded("maximumWaitingChannelCount")
        }
        let size = limits.heldMessageOverhead + handshake.count
        guard heldByteCount + size <= limits.maximumHeldByteCount else {
            throw .limitExceeded("maximumHeldByteCount")
        }
        heldByteCount += size
        remotes[index].state = .waiting
        waiting[UInt32(number)] = WaitingChannel(
            name: name, handshake: [UInt8](handshake), heldByteCount: size)
        names.didReceive(name, number: UInt32(number))
        pendingRequest = UInt32(number)
        return .requested(name)
    }

    private func readName(
        _ decoder: inout CompactDecoder
    ) throws(ProtocolViolation) -> ChannelName {
        let text = try decoder.violatingBuffer()
        guard text.count <= limits.maximumProtocolByteCount else {
            throw .limitExceeded("maximumProtocolByteCount")
        }
        let id = try decoder.violatingBuffer()
        guard id.count <= limits.maximumIDByteCount else {
            throw .limitExceeded("maximumIDByteCount")
        }
        return ChannelName(String(decoding: text, as: UTF8.self), id: [UInt8](id))
    }

    private mutating func handleReject(_ number: UInt64) throws(ProtocolViolation) -> Event? {
        guard let own = UInt32(exactly: number), names.reject(own) else {
            throw .invalidReject(number: number)
        }
        guard let rejected = numbers.reject(own) else { return nil }
        names.didClose(rejected.name)
        return .closed(rejected.channel, .rejected)
    }

    private mutating func handleClose(_ number: UInt64) throws(ProtocolViolation) -> Event? {
        guard number > 0, number <= UInt64(remotes.count) else { return nil }
        switch remotes[Int(number) - 1].state {
        case .free:
            return nil
        case .waiting:
            // Its owner keeps the number until it is answered.
            reject(waiting: UInt32(number))
            return nil
        case .open(let own):
            guard let channel = numbers.channel(numbered: own) else { return nil }
            release(channel)
            return .closed(channel, .closed)
        }
    }
}

extension CompactDecoder {
    mutating func violatingUInt() throws(ProtocolViolation) -> UInt64 {
        do throws(CompactDecodingError) {
            return try readUInt()
        } catch {
            throw .malformedFrame
        }
    }

    mutating func violatingBuffer() throws(ProtocolViolation) -> UnsafeRawBufferPointer {
        do throws(CompactDecodingError) {
            return try readBuffer()
        } catch {
            throw .malformedFrame
        }
    }

    /// All bytes that have not been read.
    var remainder: UnsafeRawBufferPointer {
        var copy = self
        return copy.readRest()
    }
}
