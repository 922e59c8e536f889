import CompactEncoding
import Cryptography

/// What two drives say to each other on the channel `mdrive/coordinator`.
///
/// The channel has no id. Its handshake is `uint version (1) ‖ uint flags`, flag 1: "I leave as
/// soon as both have everything". Bytes after what is listed, unknown flags and unknown types are
/// skipped, so that later versions can add to them.
///
/// | type | name | layout |
/// |---|---|---|
/// | 0 | links | `uint flags ‖ uint count ‖ count × fixed32 key`; flag 1: another page follows |
/// | 1 | refusal | `uint flags ‖ uint code ‖ uint count ‖ string sentence` |
/// | 2 | ask | `uint flags ‖ uint round` |
/// | 3 | mark | `uint flags ‖ uint round` |
/// | 4 | settled | `uint flags ‖ uint round` |
/// | 5 | – | kept for proofs of membership |
/// | 6, 7 | – | kept for set reconciliation: descriptions of heads, and ranges of them |
///
/// - **links**: archives that the sender knows. Sent at the start, and whenever it learns of one.
/// - **refusal**: `count` links were not taken. Code 1: the limit is reached; 2: not a key.
/// - **ask**: answer with `mark` when everything held now is announced, and with `settled` when
///   you hold everything that I had announced before this. Rounds grow; a later one replaces
///   those before.
/// - **mark**: everything that I hold as of now has been announced before this message.
/// - **settled**: I hold everything that you had announced before that round's `ask`.
enum CoordinatorMessage: Equatable {
    case links([FeedKey], hasMore: Bool)
    case refusal(code: UInt64, count: UInt64, sentence: String)
    case ask(UInt64)
    case mark(UInt64)
    case settled(UInt64)

    static let protocolName = "mdrive/coordinator"
    static let version: UInt64 = 1
}

/// What is said when the coordinator's channel opens.
struct CoordinatorHandshake: Equatable {
    var version = CoordinatorMessage.version
    var isOnce = false
}

extension CoordinatorHandshake: CompactEncodable, CompactDecodable {
    func encode(to encoder: inout CompactEncoder) {
        encoder.writeUInt(version)
        encoder.writeUInt(isOnce ? 1 : 0)
    }

    init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        version = try decoder.readUInt()
        isOnce = try decoder.readUInt() & 1 != 0
    }
}

extension CoordinatorMessage {
    /// The number of the message on its channel.
    var type: UInt64 {
        switch self {
        case .links: 0
        case .refusal: 1
        case .ask: 2
        case .mark: 3
        case .settled: 4
        }
    }

    /// Reads the body of a message; `nil` for a type that this version does not know.
    static func decode(
        type: UInt64, from decoder: inout CompactDecoder
    ) throws(CompactDecodingError) -> CoordinatorMessage? {
        guard type <= 4 else { return nil }
        let flags = try decoder.readUInt()
        switch type {
        case 0:
            let count = try decoder.readArrayCount(minimumItemByteCount: FeedKey.byteCount)
            var links: [FeedKey] = []
            links.reserveCapacity(count)
            for _ in 0..<count {
                let bytes = try decoder.readFixed(byteCount: FeedKey.byteCount)
                guard let link = FeedKey(bytes) else { throw .outOfBounds }
                links.append(link)
            }
            return .links(links, hasMore: flags & 1 != 0)
        case 1:
            let code = try decoder.readUInt()
            let count = try decoder.readUInt()
            let sentence = try decoder.readBuffer()
            let start = UnsafeRawBufferPointer(
                rebasing: sentence.prefix(SyncLimits.maximumSentenceByteCount))
            return .refusal(
                code: code, count: count, sentence: String(decoding: start, as: UTF8.self))
        case 2: return .ask(try decoder.readUInt())
        case 3: return .mark(try decoder.readUInt())
        default: return .settled(try decoder.readUInt())
        }
    }
}

extension CoordinatorMessage: CompactEncodable {
    func encode(to encoder: inout CompactEncoder) {
        switch self {
        case .links(let links, let hasMore):
            encoder.writeUInt(hasMore ? 1 : 0)
            encoder.writeUInt(UInt64(links.count))
            for link in links { link.withUnsafeBytes { encoder.writeFixed($0) } }
        case .refusal(let code, let count, let sentence):
            encoder.writeUInt(0)
            encoder.writeUInt(code)
            encoder.writeUInt(count)
            encoder.writeString(sentence)
        case .ask(let round), .mark(let round), .settled(let round):
            encoder.writeUInt(0)
            encoder.writeUInt(round)
        }
    }
}
