import CompactEncoding
import Cryptography
import Merkle
import TestSupport
import Testing

@testable import Archives

/// Tables that stand only in the public set have no cases elsewhere.
@Suite struct ArchiveTableVectorTests {
    static let file = Result { try VectorFile.load("hyperdrive.json") }

    private func table(_ name: String) throws -> [JSONValue] {
        try Self.file.get()[name]?.items ?? []
    }

    @Test func `knows all parts of the file`() throws {
        try Self.file.get().expectFields(
            [
                "format", "version", "constants", "normalizePath", "resolveLink",
                "contentKeyDerivation", "corestore", "cases",
            ], "hyperdrive.json")
    }

    @Test func `has the constants`() throws {
        guard let constants = try Self.file.get()["constants"] else { return }
        constants.expectFields(
            ["blobsNamespace", "corestoreNamespace", "filesPrefix"], "constants")
        #expect(Namespace.blobs.hexadecimal == constants["blobsNamespace"]?.text)
        #expect(Namespace.store.hexadecimal == constants["corestoreNamespace"]?.text)
        #expect(ArchiveKeys.files == constants["filesPrefix"]?.bytes)
    }

    @Test func `resolves paths`() throws {
        for vector in try table("normalizePath") {
            vector.expectFields(["input", "result", "error"], "path")
            let text = vector["input"]?.text ?? ""
            expect(vector) { try ArchivePath(text) }
        }
    }

    @Test func `resolves the targets of links`() throws {
        for vector in try table("resolveLink") {
            vector.expectFields(["from", "target", "result", "error"], "link")
            expect(vector) {
                try ArchivePath(vector["from"]?.text ?? "").resolving(
                    vector["target"]?.text ?? "")
            }
        }
    }

    private func expect(_ vector: JSONValue, _ body: () throws -> ArchivePath) {
        let comment: Comment = "\(vector)"
        switch Result(catching: body) {
        case .success(let path):
            let expected = Array(vector.optional("result")?.text.utf8 ?? "".utf8)
            #expect(Array(path.string.utf8) == expected, comment)
        case .failure(let error):
            #expect("\(error)" == vector.optional("error")?.text, comment)
        }
    }

    @Test func `derives the keys of content feeds`() throws {
        for vector in try table("contentKeyDerivation") {
            vector.expectFields(["manifest", "key", "contentManifest", "contentKey"], "content")
            let manifest = try Manifest(decoding: vector["manifest"]?.bytes ?? [])
            #expect(manifest.feedKey.hexadecimal == vector["key"]?.text)
            let content = try #require(Archive.manifest(ofContentFor: manifest))
            #expect(content.encoded == vector["contentManifest"]?.bytes)
            #expect(content.feedKey.hexadecimal == vector["contentKey"]?.text)
        }
    }

    @Test func `derives the keys of a store`() throws {
        for vector in try table("corestore") {
            vector.expectFields(
                [
                    "primaryKey", "namespacePath", "namespace", "name", "publicKey", "seed",
                    "keyOfManifestV1", "keyOfManifestV0", "keyWhenCompat",
                ], "corestore")
            let primaryKey = try #require(PrimaryKey(vector["primaryKey"]?.bytes ?? []))
            let namespace = (vector["namespacePath"]?.items ?? []).reduce(StoreNamespace.root) {
                $0.child($1.text)
            }
            #expect(namespace.digest.hexadecimal == vector["namespace"]?.text)
            let name = vector["name"]?.text ?? ""
            let publicKey = primaryKey.keyPair(named: name, in: namespace).publicKey
            #expect(publicKey.hexadecimal == vector["publicKey"]?.text)
            #expect(
                primaryKey.seed(named: name, in: namespace).withUnsafeBytes { Array($0) }
                    == vector["seed"]?.bytes)
            let version1 = Manifest(singleSigner: publicKey)
            let version0 = Manifest(singleSigner: publicKey, version: .v0)
            #expect(version1.feedKey.hexadecimal == vector["keyOfManifestV1"]?.text)
            #expect(version0.feedKey.hexadecimal == vector["keyOfManifestV0"]?.text)
            #expect(FeedKey(publicKey).hexadecimal == vector["keyWhenCompat"]?.text)
        }
    }
}
