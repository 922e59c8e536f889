import Testing

@testable import DriveNetworking

@Suite struct NetworkAddressTests {
    @Test(arguments: [
        ("example.org:7000", "example.org", 7000), ("10.0.0.1:1", "10.0.0.1", 1),
        ("[::1]:7000", "::1", 7000), ("[fe80::1%eth0]:65535", "fe80::1%eth0", 65535),
        (":0", "", 0),
    ])
    func `reads a host and a port`(text: String, host: String, port: Int) throws {
        let address = try NetworkAddress(parsing: text)
        #expect(address == NetworkAddress(host: host, port: port))
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", "host", "host:", "host:x", "host:-1", "host:65536", "host:000001", "::1:70", "::1",
        "[::1]", "[::1:7000", "::1]:7000", "[]:1", "a b:1", "a\n:1", "host:7 ", "host:٣",
    ])
    func `refuses anything else with one sentence`(text: String) {
        #expect {
            try NetworkAddress(parsing: text)
        } throws: { error in
            (error as? NetworkError)?.code == .malformedAddress
                && "\(error)".hasSuffix(".")
        }
    }
}
