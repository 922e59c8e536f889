import Cryptography
import Replication
import TestSupport

/// One run of a transcript, read for one end of it: what the other says, and what we should say.
struct TranscriptScript {
    enum Step {
        /// A frame of the other end.
        case receive([RecordedMessage], isDamaged: Bool)
        /// A frame that was sent from our end.
        case sent([RecordedMessage], isDamaged: Bool)
        case note(String)
    }

    let run: Vector
    /// `initiator` or `responder`.
    let side: String
    let steps: [Step]

    init(run: Vector, side: String) throws {
        self.run = run
        self.side = side
        steps = try run.frames.items.flatMap { entry -> [Step] in
            guard let frame = entry.frame.bytes else { return [.note(entry.note.text)] }
            let messages = try TranscriptFrame.parse(frame)
            let isDamaged = !entry.note.isNull
            return entry.from.text == side
                ? [.sent(messages, isDamaged: isDamaged)]
                : [.receive(messages, isDamaged: isDamaged)]
        }
    }

    var isUploader: Bool { run[side].role.text == "uploader" }

    /// The state of the feeds at this end when the recording ended.
    var coresAtEnd: [Vector] {
        isUploader ? run.uploaderCores.items : run.downloaderCoresAtEnd.items
    }

    /// All messages of a side on a channel, in order, damaged ones left out if wanted.
    func messages(
        isOurs: Bool, channel: UInt64, withDamaged: Bool = true
    ) -> [OwnedMessage] {
        steps.flatMap { step -> [RecordedMessage] in
            switch step {
            case .receive(let messages, let isDamaged) where !isOurs:
                withDamaged || !isDamaged ? messages : []
            case .sent(let messages, let isDamaged) where isOurs:
                withDamaged || !isDamaged ? messages : []
            default: []
            }
        }.compactMap { recorded in
            guard recorded.channel == channel, case .message(let type, let body) = recorded.content
            else { return nil }
            return OwnedMessage(type: type, body: body)
        }
    }

    /// The open messages of our side: channel number and discovery key.
    var opens: [(channel: UInt64, discoveryKey: [UInt8])] {
        run.frames.items.filter { $0.from.string == side }.flatMap(\.messages.items)
            .filter { $0.control.string == "open" }
            .map { ($0.channel.int, $0.id.hex) }
    }

    /// The number that the other side gave the channel of a feed.
    func remoteChannel(of discoveryKey: [UInt8]) -> UInt64? {
        run.frames.items.filter { $0.from.string.map { $0 != side } ?? false }
            .flatMap(\.messages.items)
            .first { $0.control.string == "open" && $0.id.bytes == discoveryKey }?.channel.int
    }
}

extension [OwnedMessage] {
    var syncs: [SyncMessage] {
        compactMap { if case .sync(let sync) = $0.message { sync } else { nil } }
    }

    var requests: [RequestMessage] {
        compactMap { if case .request(let request) = $0.message { request } else { nil } }
    }

    /// Bodies of answers, `noData` included.
    var answers: [[UInt8]] {
        compactMap { item in
            switch item.message {
            case .data, .noData: item.body
            default: nil
            }
        }
    }

    var extensions: [(String, [UInt8])] {
        compactMap { item in
            guard case .extensionMessage(let name, let body) = item.message else { return nil }
            return (name, body)
        }
    }

    /// Ranges that were said to be gone.
    var drops: [[UInt64]] {
        compactMap { item in
            guard case .range(true, let start, let length) = item.message else { return nil }
            return [start, length]
        }
    }

    /// The blocks that the messages say are held, in the end.
    var announced: Set<UInt64> {
        var held: Set<UInt64> = []
        for item in self {
            switch item.message {
            case .range(let isDrop, let start, let length):
                let range = start..<start + Swift.min(length, 1 << 20)
                if isDrop { held.subtract(range) } else { held.formUnion(range) }
            case .bitfield(let start, let words):
                for (place, word) in words.enumerated() {
                    for bit in 0..<32 {
                        let index = start + UInt64(32 * place + bit)
                        if word >> UInt32(bit) & 1 != 0 {
                            held.insert(index)
                        } else {
                            held.remove(index)
                        }
                    }
                }
            default: break
            }
        }
        return held
    }
}
