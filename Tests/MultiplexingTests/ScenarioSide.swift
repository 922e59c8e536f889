import CompactEncoding
import Multiplexing
import TestSupport

/// One end of a scripted scenario: a multiplexer with the names that the script uses.
struct ScenarioSide {
    struct Made {
        var name: ChannelName
        var aliases: [String]
        var isUnique: Bool
        var handshakeEncoding: String
        /// `nil` where the script does not tell.
        var messageEncodings: [String]?
        var channel: Channel?
    }

    enum Happening {
        case open(ref: String, handshake: [UInt8])
        case message(ref: String, type: UInt64, body: [UInt8])
        case close(ref: String, isRemote: Bool)
    }

    let name: String
    var multiplexer = Multiplexer()
    var made: [String: Made] = [:]
    var refs: [Channel: String] = [:]
    var pairings: Set<ChannelName> = []
    var events: [Happening] = []
    var violation: ProtocolViolation?
    /// Names for channels that a pair handler opens, in the order of their open events.
    var expectedRefs: [String] = []

    /// The frames written since this was asked last.
    mutating func takeFrames() -> [[UInt8]] {
        var frames: [[UInt8]] = []
        multiplexer.takeFrames().forEach { frames.append([UInt8]($0)) }
        return frames
    }

    mutating func open(ref: String, handshake: [UInt8]) {
        guard let entry = made[ref] else { return }
        let channel = multiplexer.open(
            entry.name, aliases: entry.aliases, isUnique: entry.isUnique, handshake: handshake)
        made[ref]?.channel = channel
        if let channel { refs[channel] = ref }
    }

    mutating func close(ref: String) {
        guard let channel = made[ref]?.channel else { return }
        multiplexer.close(channel)
        events.append(.close(ref: ref, isRemote: false))
    }

    mutating func receive(_ frame: [UInt8]) {
        guard violation == nil else { return }
        frame.withUnsafeBytes { bytes in
            var incoming = IncomingFrame(bytes)
            do throws(ProtocolViolation) {
                while let event = try multiplexer.next(in: &incoming) { handle(event) }
            } catch {
                violation = error
                for channel in multiplexer.end() {
                    events.append(.close(ref: ref(of: channel), isRemote: true))
                }
            }
        }
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .requested(let name):
            guard
                pairings.contains(name)
                    || pairings.contains(ChannelName(name.protocolName))
            else { return }
            if let channel = multiplexer.open(name) {
                let ref = expectedRefs.isEmpty ? "?\(refs.count)" : expectedRefs.removeFirst()
                refs[channel] = ref
                made[ref] = Made(
                    name: name, aliases: [], isUnique: true, handshakeEncoding: "none",
                    messageEncodings: nil, channel: channel)
            }
        case .opened(let channel, let handshake):
            events.append(.open(ref: ref(of: channel), handshake: handshake))
        case .message(let channel, let type, let body):
            note(channel, type, [UInt8](body))
        case .heldMessage(let channel, let type, let body):
            note(channel, type, body)
        case .closed(let channel, _):
            events.append(.close(ref: ref(of: channel), isRemote: true))
        }
    }

    private mutating func note(_ channel: Channel, _ type: UInt64, _ body: [UInt8]) {
        let ref = ref(of: channel)
        if let known = made[ref]?.messageEncodings, type >= UInt64(known.count) { return }
        events.append(.message(ref: ref, type: type, body: body))
    }

    private func ref(of channel: Channel) -> String { refs[channel] ?? "?" }
}

/// A value of a script in the bytes of its compact encoding.
func encode(_ value: Vector, as encoding: String?) -> [UInt8] {
    switch encoding {
    case "none": return []
    case "raw": return value.hex
    case "buffer": return prefixed(value.bytes ?? [])
    case "bool": return [value.bool == true ? 1 : 0]
    case "string", "utf8": return prefixed([UInt8](value.text.utf8))
    case "uint": return compact(value.int)
    default:
        if let text = value.string { return prefixed([UInt8](text.utf8)) }
        return value.isNull ? [] : compact(value.int)
    }
}

private func prefixed(_ bytes: [UInt8]) -> [UInt8] { compact(UInt64(bytes.count)) + bytes }

private func compact(_ value: UInt64) -> [UInt8] {
    func little(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
    return switch value {
    case 0...0xFC: [UInt8(value)]
    case ...0xFFFF: [0xFD] + little(2)
    case ...0xFFFF_FFFF: [0xFE] + little(4)
    default: [0xFF] + little(8)
    }
}
