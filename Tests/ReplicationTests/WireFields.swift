import Cryptography
import Merkle
import Replication
import TestSupport

/// A wire message as the fields that the vectors name, and back.
enum WireFields {
    static func message(_ name: String, _ fields: Vector, value: UnsafeRawBufferPointer)
        -> WireMessage?
    {
        switch name {
        case "sync":
            return .sync(
                SyncMessage(
                    fork: fields.fork.int, length: fields.length.int,
                    remoteLength: fields.remoteLength.int,
                    canUpgrade: fields.canUpgrade.bool ?? false,
                    isUploading: fields.uploading.bool ?? false,
                    isDownloading: fields.downloading.bool ?? false,
                    hasManifest: fields.hasManifest.bool ?? false,
                    allowsPush: fields.allowPush.bool ?? false))
        case "request":
            return .request(
                RequestMessage(
                    id: fields.id.int, proof: request(fields),
                    priority: fields.priority.uint64 ?? 0))
        case "cancel": return .cancel(request: fields.request.int)
        case "data":
            let proof = proof(fields)
            return .data(
                DataMessage(
                    request: fields.request.int, proof: proof,
                    value: proof.block == nil ? nil : value))
        case "noData":
            return .noData(request: fields.request.int, reason: fields.reason.uint64 ?? 0)
        case "want":
            return .want(
                start: fields.start.int, length: fields.length.int, any: fields.any.bool ?? false)
        case "unwant":
            return .unwant(
                start: fields.start.int, length: fields.length.int, any: fields.any.bool ?? false)
        case "bitfield":
            return .bitfield(
                start: fields.start.int,
                words: fields.bitfield.uint32.items.map { UInt32($0.int) })
        case "range":
            return .range(
                isDrop: fields["drop"].bool ?? false, start: fields.start.int,
                length: fields.length.int)
        case "extension":
            return .extensionMessage(name: fields.name.text, body: fields.message.hex)
        default: return nil
        }
    }

    static func request(_ fields: Vector) -> ProofRequest {
        var request = ProofRequest(fork: fields.fork.int)
        if !fields.block.isNull {
            request.block = .init(index: fields.block.index.int, nodes: fields.block.nodes.int)
        }
        if !fields.hash.isNull {
            request.hash = .init(
                index: TreeIndex(fields.hash.index.int), nodes: fields.hash.nodes.int)
        }
        if !fields.seek.isNull {
            request.seek = .init(
                bytes: fields.seek["bytes"].int,
                padding: fields.seek.padding.uint64 ?? 0)
        }
        if !fields.upgrade.isNull {
            request.upgrade = .init(
                start: fields.upgrade.start.int, length: fields.upgrade.length.int)
        }
        request.manifest = fields.manifest.bool ?? false
        return request
    }

    static func proof(_ fields: Vector) -> Proof {
        var proof = Proof(fork: fields.fork.int)
        if !fields.block.isNull {
            proof.block = .init(
                index: fields.block.index.int, value: fields.block.value.bytes ?? [],
                nodes: nodes(fields.block.nodes))
        }
        if !fields.hash.isNull {
            proof.hash = .init(
                index: TreeIndex(fields.hash.index.int), nodes: nodes(fields.hash.nodes))
        }
        if !fields.seek.isNull {
            proof.seek = .init(
                bytes: fields.seek["bytes"].int, nodes: nodes(fields.seek.nodes))
        }
        if !fields.upgrade.isNull {
            proof.upgrade = .init(
                start: fields.upgrade.start.int, length: fields.upgrade.length.int,
                nodes: nodes(fields.upgrade.nodes),
                additionalNodes: nodes(fields.upgrade.additionalNodes),
                signature: fields.upgrade.signature.bytes ?? [])
        }
        if !fields.manifest.isNull { proof.manifest = manifest(fields.manifest) }
        return proof
    }

    static func nodes(_ list: Vector) -> [Node] {
        list.items.map { item in
            let isList = !item.items.isEmpty
            return Node(
                index: TreeIndex((isList ? item[0] : item.index).int),
                size: (isList ? item[1] : item.size).int,
                hash: Digest((isList ? item[2] : item.hash).hex) ?? Digest.hash(of: []))
        }
    }

    static func manifest(_ fields: Vector) -> Manifest {
        Manifest(
            version: Manifest.Version(rawValue: fields.version.int) ?? .v1,
            allowsPatch: fields.allowPatch.bool ?? false, quorum: fields.quorum.int,
            signers: fields.signers.items.compactMap { signer in
                guard let key = PublicKey(signer.publicKey.hex),
                    let namespace = Digest(signer.namespace.hex)
                else { return nil }
                return Signer(publicKey: key, namespace: namespace)
            },
            prologue: fields.prologue.isNull
                ? nil
                : Digest(fields.prologue["hash"].hex).map {
                    Manifest.Prologue(treeHash: $0, length: fields.prologue.length.int)
                },
            linkedFeeds: fields.linked.isNull
                ? nil : fields.linked.items.compactMap { FeedKey($0.hex) },
            userData: fields.userData.bytes)
    }

    /// Whether a message has exactly these fields; `nil` ones are absent.
    static func matches(_ message: WireMessage, _ name: String, _ fields: Vector) -> Bool {
        let value = fields.block.value.bytes ?? []
        return value.withUnsafeBytes { bytes in
            guard let expected = self.message(name, fields, value: bytes) else { return false }
            return isSame(message, expected, value: value)
        }
    }

    private static func isSame(
        _ message: WireMessage, _ expected: WireMessage, value: [UInt8]
    ) -> Bool {
        switch (message, expected) {
        case (.sync(let one), .sync(let other)): return one == other
        case (.request(let one), .request(let other)): return one == other
        case (.cancel(let one), .cancel(let other)): return one == other
        case (.data(let one), .data(let other)):
            var proof = one.proof
            if let bytes = one.value { proof.block?.value = [UInt8](bytes) }
            var wanted = other.proof
            wanted.block?.value = value
            return one.request == other.request && proof == wanted
        case (.noData(let one, let why), .noData(let other, let because)):
            return one == other && why == because
        case (.want(let start, let length, let any), .want(let s, let l, let a)),
            (.unwant(let start, let length, let any), .unwant(let s, let l, let a)):
            return start == s && length == l && any == a
        case (.bitfield(let start, let words), .bitfield(let s, let w)):
            return start == s && words == w
        case (.range(let isDrop, let start, let length), .range(let d, let s, let l)):
            return isDrop == d && start == s && length == l
        case (.extensionMessage(let name, let body), .extensionMessage(let n, let b)):
            return name == n && body == b
        default: return false
        }
    }
}
