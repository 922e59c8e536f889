// Copies a feed from one store to another through the replication protocol, in memory.

import Cryptography
import Feeds
import Foundation
import Multiplexing

let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("replication-example-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }
let here = try FeedStore(path: folder.appendingPathComponent("here").path)
let there = try FeedStore(path: folder.appendingPathComponent("there").path)

let keyPair = here.primaryKey.keyPair(named: "log")
let feed = try here.write { transaction in
    let feed = try transaction.makeFeed(signedBy: keyPair.publicKey)
    let lines = (0..<1000).map { Array("line \($0)".utf8) }
    try transaction.append(lines, to: feed, signingWith: keyPair)
    return feed
}
let copy = try there.write { try $0.addFeed(feed.key) }

// Both ends of an encrypted stream share the hash of its handshake; here it is made up.
var hasher = BLAKE2bHasher(outputByteCount: Digest64.byteCount)
let handshakeHash = hasher.finalize64()
let left = try Side(here, feed, isInitiator: true, handshakeHash: handshakeHash)
let right = try Side(there, copy, isInitiator: false, handshakeHash: handshakeHash)

// Frames go to and fro until nobody has anything to say.
var (frameCount, byteCount) = (0, 0)
while true {
    let (forth, back) = (try left.takeFrames(), try right.takeFrames())
    if forth.isEmpty && back.isEmpty { break }
    try forth.forEach { try right.receive($0) }
    try back.forEach { try left.receive($0) }
    frameCount += forth.count + back.count
    byteCount += forth.bytes.count + back.bytes.count
}
print("\(frameCount) frames, \(byteCount) bytes")
try there.read { snapshot in
    print("held there:", try snapshot.head(of: copy).contiguousLength, "blocks")
    let block = try snapshot.block(at: 999, of: copy) ?? []
    print("the last one:", String(decoding: block, as: UTF8.self))
}
