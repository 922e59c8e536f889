// Two drives, each with a writer of its own, meet in memory and show the same files afterwards.

import Dispatch
import Foundation
import Multiwriter

/// Carries what one end of a replication sends to the other end.
func carry(from source: ReplicationStream, to target: ReplicationStream) {
    let wire = DispatchQueue(label: "wire")
    source.start { output in
        wire.async {
            switch output {
            case .write(let bytes):
                bytes.withUnsafeBytes { target.receive($0) }
                source.didWrite(byteCount: bytes.count)
            case .close: target.end()
            case .pauseReading, .resumeReading: break
            }
        }
    }
}

let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("multiwriter-example-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }
let alice = try Drive.open(at: folder.appendingPathComponent("alice").path)
let bob = try Drive.open(at: folder.appendingPathComponent("bob").path)
try await alice.write(Array("hello from Alice".utf8), to: "alice.txt")
try await alice.write(Array("tea".utf8), to: "shopping.txt")
try await bob.write(Array("coffee".utf8), to: "shopping.txt")

// A replication runs over any stream of bytes; this one ends when both have everything.
let once = ReplicationOptions(isOnce: true)
let (near, far) = (alice.replicate(options: once), bob.replicate(options: once))
carry(from: near, to: far)
carry(from: far, to: near)
try await near.finished()
try await far.finished()

// Neither had seen the other's shopping list: both stay, and every drive shows the same one first.
for drive in [alice, bob] {
    for try await entry in try drive.entries() {
        guard let version = entry.shown else { continue }
        let content = try await drive.contents(of: version).collected()
        let text = String(decoding: content, as: UTF8.self)
        print(entry.name, "=", text, entry.isConflict ? "(\(entry.versions.count) versions)" : "")
    }
    drive.close()
}
