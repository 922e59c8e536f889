public import Cryptography
public import Feeds
public import Merkle

extension Archive {
    /// The own archive of a store, made if it is not there yet.
    ///
    /// One namespace has one archive of each kind. With manifests of version 1, which is what this
    /// project and the 11 line write, the content key follows from the index's manifest; with the
    /// others the header names it.
    public static func own(
        _ kind: FeedKind = .version1, primaryKey: PrimaryKey,
        namespace: StoreNamespace = .root, in transaction: borrowing StoreTransaction
    ) throws -> Archive {
        let keyPair = primaryKey.keyPair(named: "db", in: namespace)
        let index = try transaction.makeFeed(signedBy: keyPair.publicKey, kind: kind)
        var contentKeyPair = keyPair
        let content: Feed
        var metadata = IndexHeader.Metadata()
        if kind == .version1,
            let manifest = manifest(ofContentFor: Manifest(singleSigner: keyPair.publicKey))
        {
            content = try transaction.makeFeed(manifest)
        } else {
            contentKeyPair = primaryKey.keyPair(named: "\(index.key.id)/blobs", in: namespace)
            content = try transaction.makeFeed(
                signedBy: contentKeyPair.publicKey, kind: kind)
            metadata.contentFeed = content.key.bytes
        }
        return Archive(
            index: IndexTree(index), content: Blobs(content),
            authorship: Authorship(
                indexKeyPair: keyPair, contentKeyPair: contentKeyPair,
                header: IndexHeader(metadata: metadata)))
    }

    /// An archive of the store, read-only; `nil` if the store does not have it.
    public static func existing(
        _ key: FeedKey, in snapshot: borrowing StoreSnapshot
    ) throws -> Archive? {
        guard let feed = try snapshot.feed(for: key) else { return nil }
        return try Archive(index: IndexTree(feed), content: nil).resolved(in: snapshot)
    }

    /// An archive to be read, with its feeds added to the store as far as they are known.
    public static func following(
        _ key: FeedKey, in transaction: borrowing StoreTransaction
    ) throws -> Archive {
        let feed = try transaction.addFeed(key)
        return try Archive(index: IndexTree(feed), content: nil).resolved(in: transaction)
    }

    /// The same archive with its content feed, if that is known and in the store.
    public func resolved(in snapshot: borrowing StoreSnapshot) throws -> Archive {
        guard content == nil, let key = try contentKey(in: snapshot),
            let feed = try snapshot.feed(for: key)
        else { return self }
        return Archive(index: index, content: Blobs(feed), authorship: authorship)
    }

    /// The same archive with its content feed, added to the store if it is known.
    public func resolved(in transaction: borrowing StoreTransaction) throws -> Archive {
        guard content == nil, let key = try contentKey(in: transaction.snapshot) else {
            return self
        }
        let feed = try transaction.addFeed(key)
        return Archive(index: index, content: Blobs(feed), authorship: authorship)
    }

    /// The key of the content feed, `nil` as long as what it follows from has not arrived.
    ///
    /// - Throws: `ArchiveError.contentUnknown` if the archive has no content feed.
    public func contentKey(in snapshot: borrowing StoreSnapshot) throws -> FeedKey? {
        if let content { return content.feed.key }
        guard try snapshot.contains(blockAt: 0, of: index.feed),
            let header = try index.header(in: snapshot)
        else { return nil }
        if let stored = header.metadata?.contentFeed {
            if let key = FeedKey(stored.prefix(FeedKey.byteCount)) { return key }
            throw invalid
        }
        guard let verifier = try snapshot.verifier(of: index.feed) else { return nil }
        // The manifest that a compat feed implies names no content feed.
        let manifest = verifier.manifest
        guard !verifier.isCompat,
            let content = Self.manifest(ofContentFor: manifest, key: key)
        else {
            throw invalid
        }
        return content.feedKey
    }

    private var invalid: ArchiveError {
        ArchiveError(.contentUnknown, "Archive \(key.id) does not name a content feed.")
    }

    /// The manifest of the content feed that belongs to an index feed; `nil` for version 0.
    ///
    /// Both feeds are signed with the same key pairs; only the namespaces keep them apart.
    public static func manifest(
        ofContentFor index: Manifest, key: FeedKey? = nil
    ) -> Manifest? {
        guard index.version >= .v1 else { return nil }
        let key = key ?? index.feedKey
        let signers = index.signers.map { signer in
            var hasher = BLAKE2bHasher()
            hasher.update(Namespace.blobs)
            hasher.update(key)
            hasher.update(signer.namespace)
            return Signer(publicKey: signer.publicKey, namespace: hasher.finalize())
        }
        return Manifest(
            version: index.version, allowsPatch: index.allowsPatch, quorum: index.quorum,
            signers: signers)
    }
}
