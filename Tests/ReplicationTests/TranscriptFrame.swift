import CompactEncoding
import Merkle
import Replication
import TestSupport

/// One message of a recorded frame.
struct RecordedMessage {
    enum Content {
        case control([UInt8])
        case message(type: UInt64, body: [UInt8])
    }

    let channel: UInt64
    let content: Content
}

enum TranscriptFrame {
    /// The messages of a frame, batches taken apart.
    static func parse(_ frame: [UInt8]) throws(CompactDecodingError) -> [RecordedMessage] {
        try frame.withCompactDecoder { (decoder) throws(CompactDecodingError) in
            let channel = try decoder.readUInt()
            let rest = [UInt8](decoder.readRest())
            guard channel == 0, rest.first == 0 else {
                return [try item(channel: channel, rest)]
            }
            return try batch([UInt8](rest.dropFirst()))
        }
    }

    private static func batch(
        _ bytes: [UInt8]
    ) throws(CompactDecodingError) -> [RecordedMessage] {
        try bytes.withCompactDecoder { (decoder) throws(CompactDecodingError) in
            var channel = try decoder.readUInt()
            var messages: [RecordedMessage] = []
            while decoder.remainingByteCount > 0 {
                let length = try decoder.readUInt()
                guard length > 0 else {
                    channel = try decoder.readUInt()
                    continue
                }
                let bytes = [UInt8](try decoder.readFixed(byteCount: Int(length)))
                messages.append(try item(channel: channel, bytes))
            }
            return messages
        }
    }

    private static func item(
        channel: UInt64, _ bytes: [UInt8]
    ) throws(CompactDecodingError) -> RecordedMessage {
        if channel == 0 { return RecordedMessage(channel: 0, content: .control(bytes)) }
        return try bytes.withCompactDecoder { (decoder) throws(CompactDecodingError) in
            let type = try decoder.readUInt()
            return RecordedMessage(
                channel: channel,
                content: .message(type: type, body: [UInt8](decoder.readRest())))
        }
    }

    /// A frame with these messages: alone as it is, several as a batch.
    static func make(_ messages: [RecordedMessage]) -> [UInt8] {
        func bytes(_ message: RecordedMessage) -> [UInt8] {
            switch message.content {
            case .control(let bytes): bytes
            case .message(let type, let body): uint(type) + body
            }
        }
        guard messages.count != 1 else {
            return uint(messages[0].channel) + bytes(messages[0])
        }
        var frame: [UInt8] = [0, 0]
        var channel = messages.first?.channel ?? 0
        frame += uint(channel)
        for message in messages {
            if message.channel != channel {
                channel = message.channel
                frame += [0] + uint(channel)
            }
            let item = bytes(message)
            frame += uint(UInt64(item.count)) + item
        }
        return frame
    }

    static func uint(_ value: UInt64) -> [UInt8] {
        WireMessage.cancel(request: value).encoded
    }

    /// The body of an answer under another number.
    static func renumbered(
        _ body: [UInt8], type: UInt64, to id: UInt64
    ) throws(CompactDecodingError) -> [UInt8] {
        try body.withCompactDecoder { (decoder) throws(CompactDecodingError) in
            guard type == WireMessage.Kind.data.rawValue else {
                _ = try decoder.readUInt()
                return uint(id) + [UInt8](decoder.readRest())
            }
            let flags = try decoder.readUInt()
            _ = try decoder.readUInt()
            return uint(flags) + uint(id) + [UInt8](decoder.readRest())
        }
    }
}

/// A wire message that owns its bytes, for comparing.
struct OwnedMessage {
    let message: WireMessage
    /// The bytes of the block of an answer.
    let value: [UInt8]?
    let body: [UInt8]

    init?(type: UInt64, body: [UInt8]) {
        var value: [UInt8]?
        let message = body.withUnsafeBytes { buffer -> WireMessage? in
            let decoded = try? WireMessage.decode(
                type: type, body: buffer, limits: ReplicationLimits())
            guard let message = decoded.flatMap({ $0 }) else { return nil }
            guard case .data(var data) = message else { return message }
            value = data.value.map { [UInt8]($0) }
            data.proof.block?.value = value ?? []
            data.value = nil
            return .data(data)
        }
        guard let message else { return nil }
        self.message = message
        self.value = value
        self.body = body
    }
}

extension WireMessage {
    var body: [UInt8] { encoded }
}

extension RequestMessage {
    var body: [UInt8] { WireMessage.request(self).encoded }
}
