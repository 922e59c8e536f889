/// The greeting by which the two ends of a pipe find out who is the initiator.
///
/// Both send it at once and read the other's. The larger number is the initiator; equal numbers
/// are an echo. Layout, 24 bytes or more:
///
/// | bytes | meaning |
/// |---|---|
/// | 6 | `mdrive` |
/// | 1 | version of the protocol, 1 |
/// | 1 | number of bytes that follow, 16 or more |
/// | 16 | random number, compared from the first byte on |
/// | … | skipped; room for later versions |
struct Preamble {
    static let magic: [UInt8] = Array("mdrive".utf8)
    static let version: UInt8 = 1
    static let numberByteCount = 16

    /// What was decided, and how many bytes of the chunk belonged to the greeting.
    struct Outcome: Equatable {
        let isInitiator: Bool
        let consumedByteCount: Int
    }

    /// The bytes to send first.
    let greeting: [UInt8]
    private let number: [UInt8]
    private var received: [UInt8] = []

    /// - Parameter number: 16 random bytes.
    init(number: [UInt8]) {
        precondition(number.count == Self.numberByteCount, "the number has 16 bytes")
        self.number = number
        greeting = Self.magic + [Self.version, UInt8(Self.numberByteCount)] + number
    }

    /// Takes the next bytes; returns the outcome when the greeting is complete.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(SyncError) -> Outcome? {
        var consumed = 0
        while consumed < bytes.count {
            received.append(bytes[consumed])
            consumed += 1
            try check()
            if let outcome = try outcome(consumed) { return outcome }
        }
        return nil
    }

    private func check() throws(SyncError) {
        // A Hypercore initiator begins with the length of Noise message 1: 20 00 00.
        if received[0] == 0x20, received.dropFirst().allSatisfy({ $0 == 0 }) {
            if received.count >= 3 { throw .needsInitiator }
            return
        }
        let count = min(received.count, Self.magic.count)
        guard received.prefix(count).elementsEqual(Self.magic.prefix(count)) else {
            throw .notMdrive
        }
        let lengthPlace = Self.magic.count + 1
        if received.count == lengthPlace + 1, received[lengthPlace] < Self.numberByteCount {
            throw .notMdrive
        }
    }

    private func outcome(_ consumed: Int) throws(SyncError) -> Outcome? {
        let start = Self.magic.count + 2
        guard received.count >= start, received.count == start + Int(received[start - 1]) else {
            return nil
        }
        let theirs = received[start..<start + Self.numberByteCount]
        if theirs.elementsEqual(number) { throw .echo }
        return Outcome(
            isInitiator: theirs.lexicographicallyPrecedes(number), consumedByteCount: consumed)
    }

    /// What to tell a person when the far end left before the greeting was complete.
    var hangUpError: SyncError { received.first == 0x20 ? .notMdrive : .hungUp }
}
