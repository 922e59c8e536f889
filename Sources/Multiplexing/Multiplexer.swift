public import CompactEncoding

/// Many channels over one stream of frames, as a state machine without I/O.
///
/// Frames of the remote go in through ``next(in:)``, which hands out one event at a time; frames
/// for the remote come out of ``takeFrames()`` in the order in which they were written. After a
/// violation nothing more is to be expected of the stream: call ``end()`` and drop it.
/// See docs/formats/protomux.md.
public struct Multiplexer: Sendable {
    /// What the remote may make us keep.
    public let limits: MultiplexerLimits
    /// Whether the stream is over.
    public internal(set) var hasEnded = false

    var numbers = ChannelNumbers()
    var names = ChannelNames()
    var remotes: [RemoteChannel] = []
    var waiting: [UInt32: WaitingChannel] = [:]
    var heldByteCount = 0
    /// Events of channels that were opened after the remote had opened them.
    var ready: [ReadyEvent] = []
    var readyPosition = 0
    /// The number of the remote's channel that the last event asked about.
    var pendingRequest: UInt32?

    var outgoing = OutgoingFrames()
    var corkDepth = 0
    var batchChannel: UInt32?

    /// Starts a stream on which nothing has been said.
    public init(limits: MultiplexerLimits = MultiplexerLimits()) {
        self.limits = limits
    }
}

/// The state of a channel number of the remote.
struct RemoteChannel {
    enum State: Equatable {
        case free
        /// Open on both sides, under this number of ours.
        case open(UInt32)
        /// Waits for somebody to open it here.
        case waiting
    }
    var state = State.free
}

/// What a remote said on a channel that is not open here.
struct WaitingChannel {
    let name: ChannelName
    let handshake: [UInt8]
    var messages: [(type: UInt64, body: [UInt8])] = []
    var heldByteCount = 0
}

enum ReadyEvent {
    case opened(Channel, handshake: [UInt8])
    case message(Channel, type: UInt64, body: [UInt8])
}

// MARK: - Opening and closing

extension Multiplexer {
    /// Whether a channel of this name is open here.
    public func isOpen(_ name: ChannelName) -> Bool { names.openCount(of: name) > 0 }

    /// Whether messages on the channel still reach the remote.
    public func isOpen(_ channel: Channel) -> Bool { numbers.isOpen(channel) }

    /// Whether neither side has a channel open or waiting.
    public var isIdle: Bool { numbers.openCount == 0 && waiting.isEmpty }

    /// The channels that are open here.
    public var channels: [Channel] { numbers.channels }

    /// Opens a channel; messages may be sent on it at once.
    ///
    /// A channel is heard under its aliases too, but always opened under its first name.
    /// `nil` if a unique channel of that name is open already, or the stream is over.
    public mutating func open(
        _ name: ChannelName, aliases: [String] = [], isUnique: Bool = true, handshake: [UInt8] = []
    ) -> Channel? {
        if hasEnded || isUnique && isOpen(name) { return nil }
        let remote = names.takeIncoming(name, aliases: aliases)
        let channel = numbers.take(name: name, remote: remote)
        names.didOpen(
            name, aliases: aliases, number: channel.number, isAwaitingRemote: remote == nil)
        writeControl(1, number: channel.number) { frames in
            let text = name.protocolName.utf8
            frames.append(uint: UInt64(text.count))
            for byte in text { frames.append(byte) }
            frames.append(uint: UInt64(name.id.count))
            name.id.withUnsafeBytes { frames.append($0) }
            handshake.withUnsafeBytes { frames.append($0) }
        } byteCount: {
            let text = name.protocolName.utf8.count
            return compactByteCount(UInt64(text)) + text
                + compactByteCount(UInt64(name.id.count)) + name.id.count + handshake.count
        }
        if let remote { pair(channel, withWaiting: remote) }
        return channel
    }

    /// Closes a channel; nothing more is heard of it.
    public mutating func close(_ channel: Channel) {
        guard !hasEnded, numbers.isOpen(channel) else { return }
        release(channel)
        writeControl(3, number: channel.number)
    }

    /// Lets a channel that was just requested wait for a later open of the same name.
    public mutating func hold(_ name: ChannelName) {
        guard let number = pendingRequest, waiting[number]?.name == name else { return }
        pendingRequest = nil
    }

    /// Rejects all channels of that name that wait.
    public mutating func reject(_ name: ChannelName) {
        while let number = names.takeIncoming(name, aliases: []) { reject(waiting: number) }
    }

    /// Ends the stream; the answer is the channels that were open, all closed now.
    @discardableResult
    public mutating func end() -> [Channel] {
        let open = hasEnded ? [] : numbers.channels
        hasEnded = true
        numbers = ChannelNumbers()
        names = ChannelNames()
        remotes = []
        waiting = [:]
        heldByteCount = 0
        ready = []
        readyPosition = 0
        pendingRequest = nil
        return open
    }

    /// Forgets our side of a channel, and frees its number if the remote knows.
    mutating func release(_ channel: Channel) {
        guard let local = numbers.close(channel) else { return }
        names.didClose(local.name)
        if let remote = local.remote { remotes[Int(remote) - 1].state = .free }
    }

    private mutating func pair(_ channel: Channel, withWaiting number: UInt32) {
        guard let held = waiting.removeValue(forKey: number) else { return }
        if pendingRequest == number { pendingRequest = nil }
        remotes[Int(number) - 1].state = .open(channel.number)
        heldByteCount -= held.heldByteCount
        ready.append(.opened(channel, handshake: held.handshake))
        for message in held.messages {
            ready.append(.message(channel, type: message.type, body: message.body))
        }
    }

    mutating func reject(waiting number: UInt32) {
        guard let held = waiting.removeValue(forKey: number) else { return }
        heldByteCount -= held.heldByteCount
        remotes[Int(number) - 1].state = .free
        names.forgetIncoming(held.name, number: number)
        writeControl(2, number: number)
    }
}

// MARK: - Sending

extension Multiplexer {
    /// Sends a message whose body is written in place and takes exactly `byteCount` bytes.
    ///
    /// A message on a channel that has closed is dropped.
    public mutating func send(
        _ type: UInt64, on channel: Channel, byteCount: Int, _ write: (inout CompactEncoder) -> Void
    ) {
        guard beginMessage(type, on: channel, byteCount: byteCount) else { return }
        outgoing.append(byteCount: byteCount, write)
        endMessage()
    }

    /// Sends a message whose body is ready.
    public mutating func send(_ type: UInt64, on channel: Channel, body: UnsafeRawBufferPointer) {
        guard beginMessage(type, on: channel, byteCount: body.count) else { return }
        outgoing.append(body)
        endMessage()
    }

    /// Sends a message whose body is ready.
    public mutating func send(_ type: UInt64, on channel: Channel, body: [UInt8]) {
        body.withUnsafeBytes { send(type, on: channel, body: $0) }
    }

    /// Gathers all that the body sends, opens and closes into one frame.
    public mutating func corked<R, E: Error>(
        _ body: (inout Multiplexer) throws(E) -> R
    ) throws(E) -> R {
        cork()
        defer { uncork() }
        return try body(&self)
    }

    /// Begins to gather messages into one frame; each call needs its ``uncork()``.
    public mutating func cork() { corkDepth += 1 }

    /// Ends what ``cork()`` began.
    public mutating func uncork() {
        precondition(corkDepth > 0, "an uncork needs its cork")
        corkDepth -= 1
        if corkDepth == 0 { endBatch() }
    }

    /// How many bytes wait to be taken.
    public var outgoingByteCount: Int { outgoing.bytes.count }

    /// Takes the frames that are ready; `recycled` gives back memory of frames that were sent.
    public mutating func takeFrames(recycling recycled: OutgoingFrames = OutgoingFrames())
        -> OutgoingFrames
    {
        if corkDepth > 0 { endBatch() }
        var next = recycled
        next.removeAll()
        swap(&next, &outgoing)
        return next
    }

    private mutating func beginMessage(
        _ type: UInt64, on channel: Channel, byteCount: Int
    ) -> Bool {
        guard !hasEnded, numbers.isOpen(channel) else { return false }
        let size = compactByteCount(type) + byteCount
        precondition(
            size + 16 <= limits.maximumFrameByteCount, "a message must fit into one frame")
        if corkDepth > 0 {
            beginItem(channel: channel.number, byteCount: size)
        } else {
            outgoing.append(uint: UInt64(channel.number))
        }
        outgoing.append(uint: type)
        return true
    }

    private mutating func endMessage() {
        if corkDepth == 0 { outgoing.endFrame() }
    }

    private mutating func beginItem(channel: UInt32, byteCount: Int) {
        let size = outgoing.openByteCount
        if size >= limits.maximumBatchByteCount
            || size > 0 && size + byteCount + 32 > limits.maximumFrameByteCount
        {
            endBatch()
        }
        if outgoing.openByteCount == 0 {
            outgoing.append(0)
            outgoing.append(0)
            outgoing.append(uint: UInt64(channel))
        } else if batchChannel != channel {
            outgoing.append(0)
            outgoing.append(uint: UInt64(channel))
        }
        batchChannel = channel
        outgoing.append(uint: UInt64(byteCount))
    }

    private mutating func endBatch() {
        if outgoing.openByteCount > 0 { outgoing.endFrame() }
        batchChannel = nil
    }

    private mutating func writeControl(
        _ type: UInt8, number: UInt32, _ write: (inout OutgoingFrames) -> Void = { _ in },
        byteCount: () -> Int = { 0 }
    ) {
        if corkDepth > 0 {
            beginItem(
                channel: 0, byteCount: 1 + compactByteCount(UInt64(number)) + byteCount())
        } else {
            outgoing.append(0)
        }
        outgoing.append(type)
        outgoing.append(uint: UInt64(number))
        write(&outgoing)
        endMessage()
    }
}
