import Cryptography
import Feeds
import Multiwriter
import TestSupport
import Testing

@Suite struct DriveVectorTests {
    @Test func `a primary key gives the drive key that the 11 line gives`() throws {
        let vectors = try Vectors.load("hyperdrive.json")
        for entry in vectors.cases.items where entry.stack.string == "h11" {
            guard entry.namespace.items.isEmpty else { continue }
            let folder = try TemporaryFolder()
            var options = DriveOptions()
            options.durability = .processCrash
            options.primaryKey = PrimaryKey(entry.primaryKey.hex)
            let drive = try Drive.open(at: folder.path + "/drive", options: options)
            defer { drive.close() }
            #expect(drive.link.hexadecimal == entry.index.key.string)
        }
    }
}
