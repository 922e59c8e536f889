import CompactEncoding
import Cryptography
import Replication
import TestSupport
import Testing

@Suite struct WireMessagesVectorTests {
    private let limits = ReplicationLimits()

    @Test func `numbers the messages as the channel does`() throws {
        for pair in try Vectors.load("wire-messages.json").types.items {
            let name = pair[1].text == "extension" ? "extensionMessage" : pair[1].text
            let kind = WireMessage.Kind(rawValue: pair[0].int)
            #expect(kind.map { "\($0)" } == name)
        }
    }

    /// Hypercore 11 adds a flags byte to a `noData` without a reason; we send the number alone,
    /// which both read.
    private func isOurs(_ item: Vector) -> [UInt8] {
        if item.message.text == "noData", item.fields.reason.isNull {
            return (item.encoded_v10.bytes ?? item.encoded.bytes) ?? []
        }
        return (item.encoded.bytes ?? item.encoded_v11.bytes) ?? item.encoded_v10.hex
    }

    @Test func `encodes and decodes every message`() throws {
        for item in try Vectors.load("wire-messages.json").messages.items {
            let name = item.message.text
            if name == "handshake" {
                try checkHandshake(item)
                continue
            }
            let value = item.fields.block.value.bytes ?? []
            let encoded = value.withUnsafeBytes { bytes in
                WireFields.message(name, item.fields, value: bytes)?.encoded
            }
            #expect(encoded == isOurs(item), "\(item)")
            for (key, suffix) in [
                ("encoded", ""), ("encoded_v10", "_v10"), ("encoded_v11", "_v11"),
            ]
            where !item[key].isNull {
                try checkDecoding(item[key].hex, name, item, suffix)
            }
        }
    }

    private func checkHandshake(_ item: Vector) throws {
        let capability = try #require(Digest(item.fields.capability.hex))
        let handshake = ChannelHandshake(
            supportsSeeks: item.fields.seeks.bool ?? false, capability: capability)
        #expect(handshake.encoded == item.encoded.hex)
        #expect(try ChannelHandshake(decoding: item.encoded.hex) == handshake)
    }

    private func checkDecoding(
        _ bytes: [UInt8], _ name: String, _ item: Vector, _ suffix: String
    ) throws {
        let kind = try #require(
            WireMessage.Kind.allCases.first { "\($0)".hasPrefix(name) })
        for count in 0...bytes.count {
            try bytes.prefix(count).map { $0 }.withUnsafeBytes { buffer in
                let message = try? WireMessage.decode(
                    type: kind.rawValue, body: buffer, limits: limits)
                guard count == bytes.count else { return }
                let decoded = try #require(message, "\(item)")
                // Both versions say what they read; the newer one says more.
                var expected = item.fields
                for key in ["decoded", "decoded\(suffix)", "decoded_v11"]
                where !item[key].isNull && (suffix != "_v10" || key != "decoded_v11") {
                    expected = item[key]
                }
                #expect(WireFields.matches(decoded, name, expected), "\(item)")
            }
        }
    }

    @Test func `decodes or refuses what no writer makes`() throws {
        for item in try Vectors.load("wire-messages.json").decodeCases.items {
            let name = item.message.text
            let bytes = item["hex"].hex
            let isError = !item.error_v10.isNull && !item.error_v11.isNull
            if name == "handshake" {
                let handshake = try? ChannelHandshake(decoding: bytes)
                #expect((handshake == nil) == isError, "\(item)")
                continue
            }
            let kind = try #require(
                WireMessage.Kind.allCases.first { "\($0)".hasPrefix(name) })
            bytes.withUnsafeBytes { buffer in
                let message = try? WireMessage.decode(
                    type: kind.rawValue, body: buffer, limits: limits)
                guard let decoded = message.flatMap({ $0 }) else {
                    #expect(isError, "\(item)")
                    return
                }
                #expect(!isError, "\(item)")
                let newer = item.decoded_v11
                let expected = newer.isNull ? item.decoded_v10 : newer
                #expect(WireFields.matches(decoded, name, expected), "\(item)")
            }
        }
    }

    @Test func `ignores unknown types`() throws {
        let message = try WireMessage.decode(
            type: 12, body: UnsafeRawBufferPointer(start: nil, count: 0), limits: limits)
        #expect(message == nil)
    }
}
