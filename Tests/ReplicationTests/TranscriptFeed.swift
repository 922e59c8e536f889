import CompactEncoding
import Cryptography
import Feeds
import Merkle
import Replication
import TestSupport

/// What a transcript tells of one feed at one end: how to build it as it was at the beginning.
struct TranscriptFeed {
    let key: FeedKey
    let keyPair: KeyPair
    let manifest: Manifest
    let encryptionKey: [UInt8]?
    let plainBlocks: [[UInt8]]
    /// Values that were sent, by fork and block.
    var values: [UInt64: [UInt64: [UInt8]]] = [:]
    let salt: UInt64

    /// Finds the writer's key pair among those that the vectors are made with.
    init?(core: Vector, run: Vector, writers: [FeedKey: Writer], salt: UInt64) {
        guard let key = FeedKey(core.key.hex), let writer = writers[key] else { return nil }
        self.key = key
        keyPair = writer.keyPair
        manifest = writer.manifest
        encryptionKey = run.encryptionKey.bytes
        plainBlocks = run.plaintextBlocks.items.map(\.hex)
        self.salt = salt
    }

    struct Writer {
        let keyPair: KeyPair
        let manifest: Manifest
    }

    /// The feeds of all seeds that the vectors use: bytes that count up, and those that are named.
    static let writers: [FeedKey: Writer] = {
        var seeds = (0...255).map { first in (0..<32).map { UInt8(truncatingIfNeeded: first + $0) }
        }
        for (file, list) in [("merkle-feeds.json", "feeds"), ("forks.json", "cases")] {
            let items = (try? Vectors.load(file))?[list].items ?? []
            seeds += items.compactMap(\.seed.bytes)
        }
        var writers: [FeedKey: Writer] = [:]
        for seed in seeds {
            let keyPair = KeyPair(seed: seed)
            for version in [Manifest.Version.v0, .v1] {
                let manifest = Manifest(singleSigner: keyPair.publicKey, version: version)
                let writer = Writer(keyPair: keyPair, manifest: manifest)
                writers[manifest.feedKey] = writer
                writers[FeedKey(keyPair.publicKey)] = writer
            }
        }
        return writers
    }()

    /// Block `index` as the formula of the vectors makes it.
    func formulaBlock(_ index: UInt64) -> [UInt8] {
        let size: UInt64 =
            if (index + salt) % 7 == 3 {
                0
            } else if (index + salt) % 97 == 50 {
                300 + index % 100
            } else {
                1 + (37 * index + 11 * salt) % 61
            }
        return (0..<size).map { UInt8(truncatingIfNeeded: 131 &* index &+ 17 &* $0 &+ salt) }
    }

    func block(_ index: UInt64, fork: UInt64) -> [UInt8] {
        values[fork]?[index] ?? values[0]?[index] ?? formulaBlock(index)
    }

    /// Makes the feed as its writer, with blocks up to a length.
    func make(in site: Site, fork: UInt64, length: UInt64) throws {
        try site.store.write { transaction in
            let isCompat = FeedKey(keyPair.publicKey) == key
            let feed =
                isCompat
                ? try transaction.makeFeed(signedBy: keyPair.publicKey, kind: .compat)
                : try transaction.makeFeed(manifest)
            if fork > 0 {
                try transaction.truncate(feed, to: 0, fork: fork, signingWith: keyPair)
            }
            try append(0..<length, fork: fork, to: feed, in: transaction)
        }
        try site.add(key, wantsEverything: false)
    }

    /// Appends blocks, encrypted if the feed is.
    func append(
        _ range: Range<UInt64>, fork: UInt64, to feed: Feed,
        in transaction: borrowing StoreTransaction
    ) throws {
        var handle = feed
        if let encryptionKey {
            handle = try encryptionKey.withUnsafeBytes {
                try transaction.snapshot.encrypted(feed, withEncryptionKey: $0)
            }
        }
        let blocks = range.map { index in
            encryptionKey == nil ? block(index, fork: fork) : plainBlocks[Int(index)]
        }
        try transaction.append(blocks, to: handle, signingWith: keyPair)
    }
}
