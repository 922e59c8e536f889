import TestSupport
import Testing

@testable import Archives

@Suite struct IndexCodingVectorTests {
    /// Tables that stand only in the public set have no cases elsewhere.
    static let file = Result { try VectorFile.load("hyperbee.json") }

    @Test func `writes JSON values as JavaScript does`() throws {
        for vector in try Self.file.get()["jsonValueEncoding"]?.items ?? [] {
            vector.expectFields(["jsonText", "bytes"], "JSON")
            let value = try JSONValue(parsing: Array((vector["jsonText"]?.text ?? "").utf8))
            #expect(value.serialized == vector["bytes"]?.bytes, "\(vector)")
        }
    }

    @Test func `writes and reads blocks`() throws {
        for vector in try Self.file.get()["nodeEncoding"]?.items ?? [] {
            vector.expectFields(["key", "value", "levels", "bytes"], "node")
            let levels = (vector["levels"]?.items ?? []).map { IndexLevel(vector: $0) }
            var index = ProtobufWriter()
            index.write(levels: levels)
            let bytes = vector["bytes"]?.bytes ?? []
            let (key, value) = (vector["key"]?.bytes ?? [], vector.optional("value")?.bytes)
            #expect(IndexBlock.encode(key: key, value: value, index: index.bytes) == bytes)
            try bytes.withUnsafeBytes { buffer in
                let block = try IndexBlock(decoding: buffer)
                #expect(Array(block.key) == key)
                #expect(block.value.map { Array($0) } == value)
                #expect(try block.levels() == levels)
            }
        }
    }

    @Test func `writes and reads headers`() throws {
        for vector in try Self.file.get()["headerEncoding"]?.items ?? [] {
            vector.expectFields(["protocol", "metadata", "bytes"], "header")
            let header = IndexHeader(vector: vector)
            let bytes = vector["bytes"]?.bytes ?? []
            #expect(header.encoded == bytes)
            #expect(try bytes.withUnsafeBytes { try IndexHeader(decoding: $0) } == header)
        }
    }

    @Test func `writes and reads hints`() throws {
        for vector in try Self.file.get()["extensionEncoding"]?.items ?? [] {
            vector.expectFields(["message", "bytes"], "hint")
            let hint = IndexHint(vector: vector["message"] ?? .null)
            let bytes = vector["bytes"]?.bytes ?? []
            #expect(hint.encoded == bytes)
            #expect(try bytes.withUnsafeBytes { try IndexHint(decoding: $0) } == hint)
        }
    }

    // Deliberately different: JavaScript clips a length that runs past the end of the bytes. Such
    // cases are marked `overrun` and refused here: the bytes are not what their writer meant.
    @Test func `decodes what JavaScript decodes, but nothing that runs past the end`() throws {
        for vector in try Self.file.get()["decoding"]?.items ?? [] {
            vector.expectFields(["message", "bytes", "result", "error", "overrun"], "decoding")
            let bytes = vector["bytes"]?.bytes ?? []
            let message = vector["message"]?.text ?? ""
            let isRefused =
                vector["error"]?.bool == true || vector["overrun"]?.bool == true
            let outcome = Result {
                try bytes.withUnsafeBytes { buffer in
                    try decode(buffer, as: message, expecting: vector["result"] ?? .null)
                }
            }
            switch outcome {
            case .success(let isEqual):
                #expect(!isRefused, "\(vector)")
                #expect(isEqual, "\(vector)")
            case .failure:
                #expect(isRefused, "\(vector)")
            }
        }
    }

    private func decode(
        _ bytes: UnsafeRawBufferPointer, as message: String, expecting expected: JSONValue
    ) throws -> Bool {
        switch message {
        case "Node":
            let block = try IndexBlock(decoding: bytes)
            return Array(block.index) == expected["index"]?.bytes
                && Array(block.key) == expected["key"]?.bytes
                && block.value.map { Array($0) } == expected.optional("value")?.bytes
        case "YoloIndex":
            let levels = (expected["levels"]?.items ?? []).map { IndexLevel(vector: $0) }
            return try IndexBlock.levels(decoding: bytes) == levels
        case "Header": return try IndexHeader(decoding: bytes) == IndexHeader(vector: expected)
        case "Extension": return try IndexHint(decoding: bytes) == IndexHint(vector: expected)
        default:
            Issue.record("unknown message \(message)")
            return false
        }
    }
}

extension IndexLevel {
    fileprivate init(vector: JSONValue) {
        let children = (vector["children"]?.items ?? []).map(\.number)
        self.init(
            keys: (vector["keys"]?.items ?? []).map(\.number),
            children: stride(from: 0, to: children.count - 1, by: 2).map {
                NodeReference(seq: children[$0], offset: children[$0 + 1])
            })
    }
}

extension IndexHeader {
    fileprivate init(vector: JSONValue) {
        self.init(
            protocolName: vector["protocol"]?.text ?? "",
            metadata: vector.optional("metadata").map { metadata in
                Metadata(
                    contentFeed: metadata.optional("contentFeed")?.bytes,
                    userData: metadata.optional("userData")?.bytes)
            })
    }
}

extension IndexHint {
    fileprivate init(vector: JSONValue) {
        self.init()
        cache = vector.optional("cache").map { cache in
            Cache(
                start: cache["start"]?.number ?? 0, end: cache["end"]?.number ?? 0,
                blocks: (cache["blocks"]?.items ?? []).map(\.number))
        }
        get = vector.optional("get").map { get in
            Get(version: get["version"]?.number ?? 0, key: get.optional("key")?.bytes)
        }
        iterator = vector.optional("iterator").map { given in
            var iterator = Iterator()
            iterator.version = given["version"]?.number ?? 0
            iterator.gte = given.optional("gte")?.bytes
            iterator.gt = given.optional("gt")?.bytes
            iterator.lte = given.optional("lte")?.bytes
            iterator.lt = given.optional("lt")?.bytes
            iterator.limit = given["limit"]?.number ?? 0
            iterator.reverse = given["reverse"]?.bool ?? false
            iterator.checkpoint = (given["checkpoint"]?.items ?? []).map(\.number)
            return iterator
        }
    }
}
