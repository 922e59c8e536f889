import Cryptography
import SecretStream
import TestSupport
import Testing

/// The raw bytes of transcript-encrypted.json against the plain frames of the same runs.
@Suite struct TranscriptVectorTests {
    @Test func `recorded bytes decrypt to the recorded frames, and back`() throws {
        let transcript = try Vectors.load("transcript-encrypted.json")
        for (index, run) in transcript.runs.items.enumerated() {
            let name = run.plaintextFramesInTranscript.text.prefix { $0 != "," }
            let plain = try Vectors.load(String(name)).runs[index]
            try expect(run, toCarry: plain.frames.items.filter { !$0.frame.isNull })
        }
    }

    private func expect(_ run: Vector, toCarry frames: [Vector]) throws {
        let seeds = Seeds(
            initiatorStatic: KeyPair(seed: run.handshake.initiatorStaticSeed.hex),
            initiatorEphemeral: KeyPair(seed: run.handshake.initiatorEphemeralSeed.hex),
            responderStatic: KeyPair(seed: run.handshake.responderStaticSeed.hex),
            responderEphemeral: KeyPair(seed: run.handshake.responderEphemeralSeed.hex))
        var world = try World.started(seeds: seeds)
        var carried: [Carried] = []
        for chunk in run.rawChunks.items {
            let from = chunk.from.text
            let messages =
                from == "initiator"
                ? try world.responder.take(chunk["bytes"].hex, answer: &world.fromResponder)
                : try world.initiator.take(chunk["bytes"].hex, answer: &world.fromInitiator)
            carried += messages.map { Carried(from: from, bytes: $0) }
        }
        #expect(carried == frames.map { Carried(from: $0.from.text, bytes: $0.frame.hex) })
        #expect(world.initiator.handshakeHash?.bytes == run.handshakeHash.hex)
        #expect(world.responder.handshakeHash?.bytes == run.handshakeHash.hex)

        for message in carried {
            if message.from == "initiator" {
                world.fromInitiator += try world.initiator.frame(of: message.bytes)
            } else {
                world.fromResponder += try world.responder.frame(of: message.bytes)
            }
        }
        #expect(world.fromInitiator == written(by: "initiator", in: run))
        #expect(world.fromResponder == written(by: "responder", in: run))
    }

    private struct Carried: Equatable {
        let from: String
        let bytes: [UInt8]
    }

    private func written(by end: String, in run: Vector) -> [UInt8] {
        run.rawChunks.items.filter { $0.from.string == end }.flatMap { $0["bytes"].hex }
    }
}
