// Two drives sync over TCP on the loopback interface.

import DriveNetworking
import Foundation
import Logging
import Multiwriter

let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("networking-example-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }
let office = try Drive.open(at: folder.appendingPathComponent("office").path)
let laptop = try Drive.open(at: folder.appendingPathComponent("laptop").path)
try await office.write(Array("minutes of the meeting".utf8), to: "minutes.txt")
try await laptop.write(Array("a photo".utf8), to: "photos/1.jpg")

// Without `isOnce` the connection stays, and whatever is written arrives at once.
let once = ReplicationOptions(isOnce: true)
let logger = Logger(label: "example") { _ in SwiftLogNoOpLogHandler() }
let server = DriveNetwork(drive: office, options: once, logger: logger)
let client = DriveNetwork(drive: laptop, options: once, logger: logger)
let listener = try await server.listen(at: NetworkAddress(host: "127.0.0.1", port: 0))
let stream = try await client.connect(to: listener.address)
try await stream.finished()
await listener.close()

let status = laptop.syncStatus
print("received \(status.receivedBlockCount) blocks, \(status.receivedByteCount) bytes")
for (name, drive) in [("office", office), ("laptop", laptop)] {
    for try await entry in try drive.entries() {
        print(name, "has", entry.name, entry.shown?.byteLength ?? 0)
    }
    drive.close()
}
