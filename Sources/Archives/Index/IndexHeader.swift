/// Block 0 of an index feed.
public struct IndexHeader: Sendable, Equatable {
    /// What a header says beyond the protocol's name.
    public struct Metadata: Sendable, Equatable {
        /// The key of the content feed, where it cannot be derived.
        public var contentFeed: [UInt8]?
        /// Bytes that belong to the application.
        public var userData: [UInt8]?

        /// Creates metadata; both members may be absent.
        public init(contentFeed: [UInt8]? = nil, userData: [UInt8]? = nil) {
            self.contentFeed = contentFeed
            self.userData = userData
        }
    }

    /// The name that marks a feed as an index.
    public static let protocolName = "hyperbee"

    /// The name of the protocol that the feed speaks.
    public var protocolName: String
    /// The metadata, which may be there and empty.
    public var metadata: Metadata?

    /// Creates the header of an index.
    public init(protocolName: String = Self.protocolName, metadata: Metadata? = nil) {
        self.protocolName = protocolName
        self.metadata = metadata
    }

    /// Whether the feed is an index.
    public var isIndex: Bool { protocolName == Self.protocolName }

    /// The bytes of block 0.
    public var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(Array(protocolName.utf8), field: 1)
        if let metadata {
            var inner = ProtobufWriter()
            if let contentFeed = metadata.contentFeed { inner.write(contentFeed, field: 1) }
            if let userData = metadata.userData { inner.write(userData, field: 2) }
            writer.write(inner.bytes, field: 2)
        }
        return writer.bytes
    }

    /// Reads block 0.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(IndexCodingError) {
        var reader = ProtobufReader(bytes)
        var name: String?
        var metadata: Metadata?
        while let tag = try reader.readTag() {
            switch tag.field {
            case 1:
                let text = try reader.readBytes(wireType: tag.wireType)
                name = String(validating: text, as: UTF8.self)
                guard name != nil else { throw .invalidValue }
            case 2:
                metadata = try Metadata(decoding: try reader.readBytes(wireType: tag.wireType))
            default:
                try reader.skip(wireType: tag.wireType)
            }
        }
        guard let name else { throw .missingField }
        self.init(protocolName: name, metadata: metadata)
    }
}

extension IndexHeader.Metadata {
    init(decoding bytes: UnsafeRawBufferPointer) throws(IndexCodingError) {
        self.init()
        var reader = ProtobufReader(bytes)
        while let tag = try reader.readTag() {
            switch tag.field {
            case 1: contentFeed = Array(try reader.readBytes(wireType: tag.wireType))
            case 2: userData = Array(try reader.readBytes(wireType: tag.wireType))
            default: try reader.skip(wireType: tag.wireType)
            }
        }
    }
}
