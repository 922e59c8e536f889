package import CompactEncoding
import Merkle

extension WireMessage: CompactEncodable {
    package func encode(to encoder: inout CompactEncoder) {
        switch self {
        case .sync(let message): message.encode(to: &encoder)
        case .request(let message):
            message.proof.encode(to: &encoder, id: message.id, priority: message.priority)
        case .cancel(let request): encoder.writeUInt(request)
        case .data(let message):
            if let value = message.value {
                message.proof.encode(
                    to: &encoder, requestID: message.request, blockValue: value)
            } else {
                message.proof.encode(to: &encoder, requestID: message.request)
            }
        case .noData(let request, let reason):
            encoder.writeUInt(request)
            // The number alone: a reason makes Hypercore 11 stop asking after 32 of them.
            if reason != 0 {
                encoder.writeUInt(1 as UInt64)
                encoder.writeUInt(reason)
            }
        case .want(let start, let length, let any), .unwant(let start, let length, let any):
            encoder.writeUInt(start)
            encoder.writeUInt(length)
            if any { encoder.writeUInt(1 as UInt64) }
        case .bitfield(let start, let words):
            encoder.writeUInt(start)
            encoder.writeUInt32Array(words)
        case .range(let isDrop, let start, let length):
            encoder.writeUInt((isDrop ? 1 : 0) | (length == 1 ? 2 : 0) as UInt64)
            encoder.writeUInt(start)
            if length != 1 { encoder.writeUInt(length) }
        case .extensionMessage(let name, let body):
            encoder.writeString(name)
            encoder.writeRest(body)
        case .runRequest(let id, let request): request.encode(to: &encoder, id: id)
        case .run(let message): message.encode(to: &encoder)
        }
    }
}

extension SyncMessage {
    func encode(to encoder: inout CompactEncoder) {
        var flags: UInt64 = 0
        if canUpgrade { flags |= 1 }
        if isUploading { flags |= 2 }
        if isDownloading { flags |= 4 }
        if hasManifest { flags |= 8 }
        if allowsPush { flags |= 16 }
        encoder.writeUInt(flags)
        encoder.writeUInt(fork)
        encoder.writeUInt(length)
        encoder.writeUInt(remoteLength)
    }
}
