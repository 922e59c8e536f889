import Multiplexing
import TestSupport
import Testing

@Suite struct ProtomuxVectorTests {
    @Test func `plays every scenario with the recorded frames and events`() throws {
        for scenario in try Vectors.load("protomux.json").scenarios.items {
            var stage = Stage(name: scenario.name.text)
            for step in scenario.steps.items { stage.play(step) }
        }
    }
}

/// Two sides and what is on the way between them.
private struct Stage {
    let name: String
    var sides = ["A": ScenarioSide(name: "A"), "B": ScenarioSide(name: "B")]
    var wires: [String: [[UInt8]]] = ["A": [], "B": []]

    mutating func play(_ step: Vector) {
        for (side, key) in [("A", "A_events"), ("B", "B_events")] {
            let expected = step[key].items
            let refs = expected.filter { $0.event.string == "open" }.map { $0.ref.text }
            let unknown = refs.filter { sides[side]?.made[$0] == nil }
            sides[side]?.expectedRefs = unknown
        }
        perform(step)
        check(step)
    }

    private mutating func perform(_ step: Vector) {
        let side = step.side.string ?? ""
        switch step["do"].text {
        case "create": create(step, side: side)
        case "open":
            let encoding = sides[side]?.made[step.ref.text]?.handshakeEncoding
            sides[side]?.open(
                ref: step.ref.text, handshake: encode(step.handshake, as: encoding ?? "none"))
        case "send": send(step, side: side)
        case "corkedSends":
            sides[side]?.multiplexer.cork()
            for item in step.list.items { send(item, side: side) }
            sides[side]?.multiplexer.uncork()
        case "corked": corked(step, side: side)
        case "close": sides[side]?.close(ref: step.ref.text)
        case "pair":
            sides[side]?.pairings.insert(
                ChannelName(step["protocol"].text, id: step.id.bytes ?? []))
        case "deliver": deliver(step)
        case "injectRaw": sides[step.to.text]?.receive(step["hex"].hex)
        default: Issue.record("\(name): unknown step \(step)")
        }
    }

    private mutating func create(_ step: Vector, side: String) {
        let channelName = ChannelName(step["protocol"].text, id: step.id.bytes ?? [])
        let isUnique = step.unique.bool ?? true
        let isRefused = isUnique && sides[side]?.multiplexer.isOpen(channelName) == true
        #expect(step.created.bool == !isRefused, "\(name): \(step)")
        if isRefused {
            let again = sides[side]?.multiplexer.open(channelName)
            #expect(again == nil, "\(name): a second unique channel opened")
            return
        }
        sides[side]?.made[step.ref.text] = ScenarioSide.Made(
            name: channelName, aliases: step.aliases.items.map(\.text), isUnique: isUnique,
            handshakeEncoding: step.handshakeEncoding.string ?? "none",
            messageEncodings: step.messageEncodings.items.map(\.text))
    }

    private mutating func send(_ item: Vector, side: String) {
        guard let entry = sides[side]?.made[item.ref.text], let channel = entry.channel else {
            Issue.record("\(name): no channel \(item.ref)")
            return
        }
        let encodings = entry.messageEncodings ?? []
        let type = Int(item.type.int)
        let body = encode(item.value, as: type < encodings.count ? encodings[type] : nil)
        sides[side]?.multiplexer.send(UInt64(type), on: channel, body: body)
    }

    /// Plays what a step says in words from the decoded frames it left.
    private mutating func corked(_ step: Vector, side: String) {
        let words = step.what.text
        if words.hasPrefix("channels 1..") {
            openMany(step, upTo: step["\(side)_sends"][0].decoded[0].channel.int)
            return
        }
        var newRefs = words.split(separator: " ").filter { $0.hasPrefix("create+open") }.count
        var names = openedRefs(in: words)
        sides[side]?.multiplexer.cork()
        for item in step["\(side)_sends"].items.flatMap({ $0.decoded.items }) {
            switch item.control.string {
            case "open":
                newRefs -= 1
                let ref = names.isEmpty ? "\(side)\(item.channel.int)" : names.removeFirst()
                sides[side]?.made[ref] = ScenarioSide.Made(
                    name: ChannelName(item["protocol"].text, id: item.id.bytes ?? []), aliases: [],
                    isUnique: true, handshakeEncoding: "none", messageEncodings: nil)
                sides[side]?.open(ref: ref, handshake: item.handshakeBytes.bytes ?? [])
            case "close":
                if let ref = ref(numbered: item.channel.int, side: side) {
                    sides[side]?.close(ref: ref)
                }
            default:
                guard let ref = ref(numbered: item.channel.int, side: side),
                    let channel = sides[side]?.made[ref]?.channel
                else { continue }
                sides[side]?.multiplexer.send(item.type.int, on: channel, body: item.raw.hex)
            }
        }
        sides[side]?.multiplexer.uncork()
        #expect(newRefs <= 0, "\(name): a channel in words was not opened")
    }

    private func openedRefs(in words: String) -> [String] {
        let parts = words.split { " ,".contains($0) }
        return zip(parts, parts.dropFirst()).filter { $0.0 == "create+open" }.map { String($0.1) }
    }

    private func ref(numbered number: UInt64, side: String) -> String? {
        guard let side = sides[side] else { return nil }
        let open = side.multiplexer.channels
        return open.first { UInt64($0.number) == number }.flatMap { side.refs[$0] }
    }

    private mutating func openMany(_ step: Vector, upTo count: UInt64) {
        let protocolName = step.A_sends[0].decoded[0]["protocol"].text
        for side in ["A", "B"] {
            for number in 1...count {
                let id = [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
                let ref = "\(side)\(number)"
                sides[side]?.made[ref] = ScenarioSide.Made(
                    name: ChannelName(protocolName, id: id), aliases: [], isUnique: true,
                    handshakeEncoding: "none", messageEncodings: nil)
                sides[side]?.open(ref: ref, handshake: [])
            }
        }
        let frames = ["A": sides["A"]?.takeFrames() ?? [], "B": sides["B"]?.takeFrames() ?? []]
        for (from, to) in [("A", "B"), ("B", "A")] {
            for frame in frames[from] ?? [] { sides[to]?.receive(frame) }
            #expect(frames[from]?.last == step["\(from)_sends"][0]["hex"].hex, "\(name)")
            sides[to]?.events = []
        }
    }

    private mutating func deliver(_ step: Vector) {
        let from = step.from.text
        let frames = wires[from] ?? []
        #expect(UInt64(frames.count) == step.frames.int, "\(name): frames from \(from)")
        wires[from] = []
        for frame in frames { sides[from == "A" ? "B" : "A"]?.receive(frame) }
    }

    private mutating func check(_ step: Vector) {
        for side in ["A", "B"] {
            let isMany = step.what.string?.hasPrefix("channels 1..") == true
            let frames = sides[side]?.takeFrames() ?? []
            let expected = step["\(side)_sends"].items.map { $0["hex"].hex }
            if !isMany {
                #expect(
                    frames.map(\.hexadecimal) == expected.map(\.hexadecimal),
                    "\(name): frames of \(side) at \(step)")
            }
            wires[side]? += frames
            let events = sides[side]?.events ?? []
            sides[side]?.events = []
            let wanted = step["\(side)_events"].items
            #expect(events.count == wanted.count, "\(name): \(side) saw \(events) not \(wanted)")
            for (event, want) in zip(events, wanted) {
                #expect(isSame(event, want, side: side), "\(name): \(event) is not \(want)")
            }
            let wasDestroyed = !step["\(side)_destroyed"].isNull
            if wasDestroyed {
                #expect(sides[side]?.violation != nil, "\(name): \(side) went on at \(step)")
            } else if step["do"].text == "injectRaw" && step.to.string == side {
                #expect(sides[side]?.violation == nil, "\(name): \(side) ended at \(step)")
            }
        }
    }

    private func isSame(_ event: ScenarioSide.Happening, _ want: Vector, side: String) -> Bool {
        switch event {
        case .open(let ref, let handshake):
            let encoding = sides[side]?.made[ref]?.handshakeEncoding ?? "none"
            return want.event.text == "open" && want.ref.text == ref
                && (want.handshake.isNull ? [] : encode(want.handshake, as: encoding)) == handshake
        case .message(let ref, let type, let body):
            let encodings = sides[side]?.made[ref]?.messageEncodings ?? []
            let encoding = Int(type) < encodings.count ? encodings[Int(type)] : nil
            return want.event.text == "message" && want.ref.text == ref && want.type.int == type
                && encode(want.value, as: encoding) == body
        case .close(let ref, let isRemote):
            return want.event.text == "close" && want.ref.text == ref
                && want["remote"].bool == isRemote
        }
    }
}
