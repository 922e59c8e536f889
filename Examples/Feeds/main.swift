// Appends to a signed feed in one store, and copies a proven block of it to another.

import Cryptography
import Feeds
import Foundation
import Merkle

let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("feeds-example-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }
let here = try FeedStore(path: folder.appendingPathComponent("here").path)
let there = try FeedStore(path: folder.appendingPathComponent("there").path)

// The writer. One write is one commit with one signature, however many blocks it appends.
let keyPair = here.primaryKey.keyPair(named: "log")
let feed = try here.write { transaction in
    let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
    let lines = (1...5).map { Array("line \($0)".utf8) }
    try transaction.append(lines, to: feed, signingWith: keyPair)
    return feed
}
print("feed", feed.key.id, "has", try here.read { try $0.head(of: feed).length }, "blocks")

// A reader, who needs the key alone, asks for block 3; nothing is stored that is not proven.
let copy = try there.write { try $0.addFeed(feed.key) }
let request = ProofRequest(
    block: .init(index: 3, nodes: 3), upgrade: .init(start: 0, length: 5), manifest: true)
if let proof = try here.read({ try $0.proof(for: request, of: feed) }) {
    try there.write { try $0.apply(proof, to: copy) }
}
try there.read { snapshot in
    let block = try snapshot.block(at: 3, of: copy) ?? []
    print("block 3 there:", String(decoding: block, as: UTF8.self))
    print("block 0 is held there:", try snapshot.contains(blockAt: 0, of: copy))
}
