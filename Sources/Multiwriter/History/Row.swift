public import Archives
public import Cryptography

/// One write, as a listing shows it: nothing is merged, neither by name nor across writers.
public struct Row: Sendable, Hashable {
    /// Where the content begins in its writer's content feed.
    public struct Content: Sendable, Hashable {
        /// The first block.
        public var blockOffset: UInt64
        /// The bytes before the first block.
        public var bytesOffset: UInt64

        /// Makes an offset.
        public init(blockOffset: UInt64, bytesOffset: UInt64) {
            self.blockOffset = blockOffset
            self.bytesOffset = bytesOffset
        }
    }

    /// The name as it was given, without a leading slash.
    public var name: String
    /// What a link points to, else empty.
    public var linkname = ""
    /// The bytes of the content.
    public var length: UInt64 = 0
    /// The blocks of the content.
    public var blocks: UInt64 = 0
    /// Permission bits, 0 if none were given.
    public var mode: UInt32 = 0
    /// The number of the owner, 0 if none was given.
    public var uid: UInt32 = 0
    /// The number of the group, 0 if none was given.
    public var gid: UInt32 = 0
    /// When the content was changed, zero if not given.
    public var mtime = Timestamp.zero
    /// When anything was changed, zero if not given.
    public var ctime = Timestamp.zero
    /// Where the content begins.
    public var content: Content
    /// What was written.
    public var type: EntryType
    /// The archive.
    public var link: FeedKey
    /// The block of the archive's index feed that holds the entry; not printed.
    public var position: UInt64
}

extension Row {
    /// The row as an object with the members in the order of the original.
    public var object: JSONObject {
        JSONObject([
            (name: "name", value: .string(name)),
            (name: "linkname", value: .string(linkname)),
            (name: "length", value: .integer(Int64(clamping: length))),
            (name: "blocks", value: .integer(Int64(clamping: blocks))),
            (name: "mode", value: .integer(Int64(mode))),
            (name: "uid", value: .integer(Int64(uid))),
            (name: "gid", value: .integer(Int64(gid))),
            (name: "mtime", value: .integer(mtime.milliseconds)),
            (name: "ctime", value: .integer(ctime.milliseconds)),
            (
                name: "content",
                value: .object(
                    JSONObject([
                        (
                            name: "blockOffset",
                            value: .integer(Int64(clamping: content.blockOffset))
                        ),
                        (
                            name: "bytesOffset",
                            value: .integer(Int64(clamping: content.bytesOffset))
                        ),
                    ]))
            ),
            (name: "type", value: .string(type.rawValue)),
            (name: "link", value: .string(link.hexadecimal)),
        ])
    }

    /// The row as one line of JSON, without the line's end.
    public var json: String {
        String(decoding: JSONValue.object(object).serialized, as: UTF8.self)
    }

    /// The name and the link, which name the latest content of the same file.
    public var reference: EntryReference { EntryReference(name: name, link: link) }
}
