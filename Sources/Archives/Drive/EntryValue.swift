/// What an index says about a path: a file's content or a link's target, and metadata.
public struct EntryValue: Sendable, Hashable {
    /// Whether the file may be run.
    public var isExecutable: Bool
    /// The target of a symbolic link as it was given, `nil` for a file.
    public var linkname: String?
    /// Where the content is, `nil` for a link.
    public var blob: Blob?
    /// Anything that the writer added; `null` if nothing.
    public var metadata: JSONValue

    /// Creates a value of a file.
    public init(blob: Blob, isExecutable: Bool = false, metadata: JSONValue = .null) {
        self.init(
            isExecutable: isExecutable, linkname: nil, blob: blob, metadata: metadata)
    }

    /// Creates a value of a symbolic link.
    public init(linkTo target: String, metadata: JSONValue = .null) {
        self.init(isExecutable: false, linkname: target, blob: nil, metadata: metadata)
    }

    init(isExecutable: Bool, linkname: String?, blob: Blob?, metadata: JSONValue) {
        self.isExecutable = isExecutable
        self.linkname = linkname
        self.blob = blob
        self.metadata = metadata
    }

    /// Whether this is a symbolic link; an empty target makes none.
    public var isSymlink: Bool { linkname?.isEmpty == false }
}

extension EntryValue {
    /// The bytes that stand in the index, the same as JavaScript writes.
    func encoded(_ order: BlobMemberOrder) -> [UInt8] {
        var writer = JSONWriter()
        writer.bytes.reserveCapacity(192)
        writer.write(literal: "{\"executable\":")
        writer.write(literal: isExecutable ? "true" : "false")
        writer.write(literal: ",\"linkname\":")
        if let linkname { writer.write(quoting: linkname) } else { writer.write(literal: "null") }
        writer.write(literal: ",\"blob\":")
        if let blob { writer.write(blob, order) } else { writer.write(literal: "null") }
        writer.write(literal: ",\"metadata\":")
        writer.write(metadata)
        writer.write(literal: "}")
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ blob: Blob, _ order: BlobMemberOrder) {
        switch order {
        case .blockOffsetFirst:
            write(literal: "{\"blockOffset\":")
            write(unsigned: blob.blockOffset)
            write(literal: ",\"byteOffset\":")
            write(unsigned: blob.byteOffset)
        case .byteOffsetFirst:
            write(literal: "{\"byteOffset\":")
            write(unsigned: blob.byteOffset)
            write(literal: ",\"blockOffset\":")
            write(unsigned: blob.blockOffset)
        }
        write(literal: ",\"blockLength\":")
        write(unsigned: blob.blockLength)
        write(literal: ",\"byteLength\":")
        write(unsigned: blob.byteLength)
        if blob.isBlockMap { write(literal: ",\"blockMap\":true") }
        write(literal: "}")
    }
}
