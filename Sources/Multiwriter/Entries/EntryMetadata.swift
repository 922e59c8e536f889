public import Archives
import Cryptography

/// What an entry carries beyond what Hyperdrive knows: the member `mdrive` of its metadata.
///
/// Every file pays for it, so names are short and what is not needed is left out. A member that is
/// not what it should be counts as left out; members of later versions are kept as they are.
/// See docs/formats/drive.md.
public struct EntryMetadata: Sendable, Hashable {
    /// `t`: the type, where the entry itself does not show it.
    public var type: EntryType?
    /// `m`: permission bits as they were given.
    public var mode: UInt32?
    /// `u`: the number of the owner.
    public var uid: UInt32?
    /// `g`: the number of the group.
    public var gid: UInt32?
    /// `mt`: when the content was changed.
    public var mtime: Timestamp?
    /// `ct`: when anything was changed.
    public var ctime: Timestamp?
    /// `h`: what the content is claimed to be.
    public var hash: ContentHash?
    /// `l`: the target that a file was given, which Hyperdrive would take for a link.
    public var linkname: String?
    /// `n`: the name as it was given, if the path shows another.
    public var name: String?
    /// `v`: what its writer had seen of this path.
    public var seen = SeenVector()
    /// `p`: where the entry stood first, if it was written anew into a fresh index.
    public var position: UInt64?
    /// `o`: what the owner gave for itself, an object.
    public var fields: JSONObject?
    /// Members that this version does not know.
    public var unknown = JSONObject()
    /// Whether a known member was not what it should be.
    public private(set) var isMalformed = false

    /// Makes an entry's metadata with nothing in it.
    public init() {}
}

extension EntryMetadata {
    /// Reads what is there.
    public init(_ value: JSONValue?) {
        guard let value, !value.isNull else { return }
        guard let object = value.object else {
            isMalformed = true
            return
        }
        for member in object.members { read(member) }
    }

    private mutating func read(_ member: JSONObject.Member) {
        let value = member.value
        switch member.name {
        case "t": keep(value.string.flatMap(EntryType.init(letter:)), in: \.type)
        case "m": keep(Self.number(value), in: \.mode)
        case "u": keep(Self.number(value), in: \.uid)
        case "g": keep(Self.number(value), in: \.gid)
        case "mt": keep(Timestamp(value), in: \.mtime)
        case "ct": keep(Timestamp(value), in: \.ctime)
        case "h": keep(value.string.flatMap { ContentHash(text: $0) }, in: \.hash)
        case "l": keep(value.string, in: \.linkname)
        case "n": keep(value.string, in: \.name)
        case "p": keep(Self.position(value), in: \.position)
        case "o": keep(value.object, in: \.fields)
        case "v": readSeen(value)
        default: unknown[member.name] = value
        }
    }

    private mutating func keep<Value>(
        _ value: Value?, in path: WritableKeyPath<EntryMetadata, Value?>
    ) {
        self[keyPath: path] = value
        if value == nil { isMalformed = true }
    }

    private mutating func readSeen(_ value: JSONValue) {
        guard let members = value.object?.members,
            members.count <= DriveLimits.maximumSeenCount
        else {
            isMalformed = true
            return
        }
        for member in members {
            // One spelling a key: hexadecimal is not taken.
            guard member.name.utf8.count == 52, let link = try? FeedKey(parsing: member.name),
                let position = Self.position(member.value)
            else {
                isMalformed = true
                continue
            }
            seen.see(link, upTo: position)
        }
    }

    private static func number(_ value: JSONValue) -> UInt32? {
        value.uint64.flatMap(UInt32.init(exactly:))
    }

    private static func position(_ value: JSONValue) -> UInt64? {
        value.uint64.flatMap { $0 <= DriveLimits.maximumPosition ? $0 : nil }
    }
}

extension EntryMetadata {
    /// The object to store, without members if there is nothing to say.
    public var object: JSONObject {
        var object = JSONObject()
        if !seen.isEmpty {
            object["v"] = .object(
                JSONObject(
                    seen.positions.map { (name: $0.link.id, value: .integer(Int64($0.position))) }
                ))
        }
        object["t"] = type.map { .string($0.letter) }
        object["m"] = mode.map { .integer(Int64($0)) }
        object["u"] = uid.map { .integer(Int64($0)) }
        object["g"] = gid.map { .integer(Int64($0)) }
        object["mt"] = mtime?.json
        object["ct"] = ctime?.json
        object["h"] = hash.map { .string($0.text) }
        object["l"] = linkname.map { .string($0) }
        object["n"] = name.map { .string($0) }
        object["p"] = position.map { .integer(Int64($0)) }
        object["o"] = fields.map { .object($0) }
        for member in unknown.members { object[member.name] = member.value }
        return object
    }

    /// The metadata of a Hyperdrive entry that carries this, `nil` if there is nothing to say.
    public var entryMetadata: JSONValue? {
        let object = object
        guard object.count > 0 else { return nil }
        return .object(JSONObject([(name: Self.member, value: .object(object))]))
    }

    /// The member of a Hyperdrive entry's metadata that is ours.
    public static let member = "mdrive"
}

extension Timestamp {
    /// Reads whole seconds, or a pair of seconds and nanoseconds.
    init?(_ value: JSONValue) {
        if let seconds = value.int64 {
            self.init(seconds: seconds)
            return
        }
        guard let items = value.array, items.count == 2, let seconds = items[0].int64,
            let nanoseconds = items[1].uint64, nanoseconds < 1_000_000_000
        else { return nil }
        self.init(seconds: seconds, nanoseconds: UInt32(nanoseconds))
    }

    /// Whole seconds alone, or a pair with nanoseconds.
    var json: JSONValue {
        nanoseconds == 0
            ? .integer(seconds) : .array([.integer(seconds), .integer(Int64(nanoseconds))])
    }
}
