import CompactEncoding
import Cryptography

/// What two drives say to each other on the channel `mdrive/coordinator`.
///
/// The channel has no id. Its handshake is `uint version (1) ‖ uint flags`, flag 1: "I leave as
/// soon as both have everything", flag 2: "I describe my heads", flag 4: "I answer requests for
/// runs on the channels of feeds". Bytes after what is listed, unknown flags and unknown types are
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
/// | 6 | heads | `uint flags ‖ uint items ‖ uint first ‖ uint count ‖ count × cell` |
/// | 7 | more heads | `uint flags ‖ uint count` |
/// | 8 | farewell | `uint flags ‖ string sentence` |
///
/// - **links**: archives that the sender knows. Sent at the start, and whenever it learns of one.
/// - **refusal**: `count` links were not taken. Code 1: the limit is reached; 2: not a key.
/// - **ask**: answer with `mark` when everything held now is announced, and with `settled` when
///   you hold everything that I had announced before this. Rounds grow; a later one replaces
///   those before.
/// - **mark**: everything that I hold as of now has been announced before this message.
/// - **settled**: I hold everything that you had announced before that round's `ask`.
/// - **heads**: cells of the description of where all my archives stood when I greeted you.
/// - **more heads**: send the cells of yours up to this count.
/// - **farewell**: I leave because of this; nothing comes after it.
enum CoordinatorMessage: Equatable {
    case links([FeedKey], hasMore: Bool)
    case refusal(code: UInt64, count: UInt64, sentence: String)
    case ask(UInt64)
    case mark(UInt64)
    case settled(UInt64)
    case heads(itemCount: UInt64, first: UInt64, cells: [HeadCell])
    case moreHeads(UInt64)
    case farewell(String)

    static let protocolName = "mdrive/coordinator"
    static let version: UInt64 = 1
}

/// What is said when the coordinator's channel opens.
struct CoordinatorHandshake: Equatable {
    var version = CoordinatorMessage.version
    var isOnce = false
    /// Whether the sender describes its heads, and offers only what differs.
    var describesHeads = false
    /// Whether the sender answers requests for runs of blocks.
    var sendsRuns = false
}

extension CoordinatorHandshake: CompactEncodable, CompactDecodable {
    func encode(to encoder: inout CompactEncoder) {
        encoder.writeUInt(version)
        encoder.writeUInt((isOnce ? 1 : 0) | (describesHeads ? 2 : 0) | (sendsRuns ? 4 : 0))
    }

    init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        version = try decoder.readUInt()
        let flags = try decoder.readUInt()
        isOnce = flags & 1 != 0
        describesHeads = flags & 2 != 0
        sendsRuns = flags & 4 != 0
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
        case .heads: 6
        case .moreHeads: 7
        case .farewell: 8
        }
    }

    /// Reads the body of a message; `nil` for a type that this version does not know.
    static func decode(
        type: UInt64, from decoder: inout CompactDecoder
    ) throws(CompactDecodingError) -> CoordinatorMessage? {
        guard type <= 8, type != 5 else { return nil }
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
            return .refusal(code: code, count: count, sentence: try sentence(from: &decoder))
        case 2: return .ask(try decoder.readUInt())
        case 3: return .mark(try decoder.readUInt())
        case 4: return .settled(try decoder.readUInt())
        case 6: return try heads(from: &decoder)
        case 7: return .moreHeads(try decoder.readUInt())
        default: return .farewell(try sentence(from: &decoder))
        }
    }

    private static func sentence(
        from decoder: inout CompactDecoder
    ) throws(CompactDecodingError) -> String {
        let start = try decoder.readBuffer().prefix(SyncLimits.maximumSentenceByteCount)
        return String(decoding: UnsafeRawBufferPointer(rebasing: start), as: UTF8.self)
    }

    private static func heads(
        from decoder: inout CompactDecoder
    ) throws(CompactDecodingError) -> CoordinatorMessage {
        let itemCount = try decoder.readUInt()
        let first = try decoder.readUInt()
        let count = try decoder.readArrayCount(minimumItemByteCount: HeadCell.minimumByteCount)
        var cells: [HeadCell] = []
        cells.reserveCapacity(count)
        for _ in 0..<count {
            cells.append(
                HeadCell(
                    sum: try decoder.readUInt64(), check: try decoder.readUInt32(),
                    count: Int64(truncatingIfNeeded: try decoder.readUInt())))
        }
        return .heads(itemCount: itemCount, first: first, cells: cells)
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
        case .ask(let number), .mark(let number), .settled(let number), .moreHeads(let number):
            encoder.writeUInt(0)
            encoder.writeUInt(number)
        case .farewell(let sentence):
            encoder.writeUInt(0)
            encoder.writeString(sentence)
        case .heads(let itemCount, let first, let cells):
            encoder.writeUInt(0)
            encoder.writeUInt(itemCount)
            encoder.writeUInt(first)
            encoder.writeUInt(UInt64(cells.count))
            for cell in cells {
                encoder.writeUInt64(cell.sum)
                encoder.writeUInt32(cell.check)
                encoder.writeUInt(UInt64(bitPattern: cell.count))
            }
        }
    }
}
