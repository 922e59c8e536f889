import TestSupport
import Testing

@testable import Multiplexing

@Suite struct MultiplexerMutationTests {
    /// Frames of an honest side: opens, messages, a batch, a close.
    private static let frames: [[UInt8]] = {
        var side = Multiplexer()
        let names = [ChannelName("chat", id: [1]), ChannelName("other")]
        for name in names { _ = side.open(name, handshake: [9]) }
        for channel in side.channels { side.send(3, on: channel, body: [1, 2, 3]) }
        side.corked { side in
            for channel in side.channels {
                for number in 0..<3 { side.send(UInt64(number), on: channel, body: [7]) }
            }
        }
        side.close(side.channels[0])
        var frames: [[UInt8]] = []
        side.takeFrames().forEach { frames.append(Array($0)) }
        return frames
    }()

    @Test(arguments: 1...400)
    func `changed frames are a violation or stay within the limits`(seed: UInt64) {
        var mutator = Mutator(seed: seed)
        var limits = MultiplexerLimits()
        limits.maximumHeldByteCount = 2000
        limits.maximumWaitingChannelCount = 3
        limits.maximumRemoteChannelCount = 5
        var side = Multiplexer(limits: limits)
        _ = side.open(ChannelName("chat", id: [1]))
        for _ in 0..<60 {
            let frame = Self.frames.randomElement(using: &mutator) ?? []
            let bytes = Bool.random(using: &mutator) ? mutator.changed(frame) : frame
            let goesOn = bytes.withUnsafeBytes { bytes in
                var incoming = IncomingFrame(bytes)
                do throws(ProtocolViolation) {
                    while let event = try side.next(in: &incoming) {
                        guard case .requested(let name) = event else { continue }
                        if Bool.random(using: &mutator) { side.hold(name) }
                    }
                    return true
                } catch {
                    return false
                }
            }
            #expect(side.heldByteCount <= limits.maximumHeldByteCount, "seed \(seed)")
            #expect(side.waiting.count <= limits.maximumWaitingChannelCount, "seed \(seed)")
            #expect(side.remotes.count <= limits.maximumRemoteChannelCount, "seed \(seed)")
            guard goesOn else { return }
            _ = side.takeFrames()
        }
    }
}
