// Keeps files in an archive that a JavaScript Hyperdrive can read, and looks at an older version.

import Archives
import Cryptography
import Feeds
import Foundation

let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("archives-example-\(UUID().uuidString)").path
let store = try FeedStore(path: folder)
defer {
    store.close()
    try? FileManager.default.removeItem(atPath: folder)
}

// An archive is a value that names two feeds of a store; work is done in a transaction.
let (archive, version) = try store.write { transaction in
    let archive = try Archive.own(primaryKey: store.primaryKey, in: transaction)
    try archive.put(Array("buy milk".utf8), at: "/list.txt", in: transaction)
    try archive.put(Array("#!/bin/sh".utf8), at: "/bin/run", isExecutable: true, in: transaction)
    try archive.link("/latest", to: "list.txt", in: transaction)
    return (archive, try archive.version(in: transaction.snapshot))
}
try store.write { transaction in
    try archive.put(Array("buy wine".utf8), at: "/list.txt", in: transaction)
}

try store.read { snapshot in
    print("archive", archive.key.id)
    var entries = try archive.entries(in: snapshot)
    while let entry = try entries.next(in: snapshot) {
        let length = entry.value.blob?.byteLength ?? 0
        print("  \(entry.path)  \(length) bytes  \(entry.value.linkname ?? "")")
    }
    let now = try archive.read("/list.txt", in: snapshot) ?? []
    let before = try archive.checkout(version).read("/list.txt", in: snapshot) ?? []
    print("now:   ", String(decoding: now, as: UTF8.self))
    print("before:", String(decoding: before, as: UTF8.self))
}
