import TestSupport
import Testing

@testable import DriveNetworking

@Suite struct NetworkAddressMutationTests {
    @Test(arguments: 1...4)
    func `changed addresses are refused or read back as they are`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed)
        for text in ["example.org:7000", "[fe80::1%eth0]:65535", ":0", "10.0.0.1:1"] {
            for _ in 0..<1000 {
                let changed = String(decoding: mutator.changed(Array(text.utf8)), as: UTF8.self)
                guard let address = try? NetworkAddress(parsing: changed) else { continue }
                #expect((0...65535).contains(address.port), "seed \(seed)")
                #expect(
                    try NetworkAddress(parsing: address.description) == address, "seed \(seed)")
            }
        }
    }
}
