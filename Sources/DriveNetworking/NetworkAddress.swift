/// A host and a port, as a person writes them: `example.org:7000`, `10.0.0.1:7000`, `[::1]:7000`.
///
/// An empty host stands for every address of the machine when listening and for the machine
/// itself when dialling.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// The host name or address, without brackets.
    public let host: String
    /// The port; 0 lets the system choose one when listening.
    public let port: Int

    /// Makes an address of its parts.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`; an IPv6 address stands in brackets.
    public init(parsing text: String) throws(NetworkError) {
        let bytes = text.utf8
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else {
            throw Self.malformed(text, "the port is missing")
        }
        let digits = bytes[bytes.index(after: colon)...]
        guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(String(Substring(digits))), port <= 65535
        else {
            throw Self.malformed(text, "the port must be a number from 0 to 65535")
        }
        var host = String(Substring(bytes[..<colon]))
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), host.utf8.count > 2 else {
                throw Self.malformed(text, "a bracket is missing")
            }
            host = String(host.dropFirst().dropLast())
        } else if host.utf8.contains(UInt8(ascii: ":")) {
            throw Self.malformed(text, "an IPv6 address stands in brackets, as in [::1]:7000")
        }
        let isPlain = host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
        guard isPlain, !host.contains("["), !host.contains("]") else {
            throw Self.malformed(text, "the host is malformed")
        }
        self.init(host: host, port: port)
    }

    /// The form that is parsed.
    public var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func malformed(_ text: String, _ reason: String) -> NetworkError {
        NetworkError(.malformedAddress, "\(text) is not HOST:PORT: \(reason).")
    }
}
