/// z-base-32: five bits a character, most significant first, the last group padded with zeros.
public enum ZBase32 {
    private static let alphabet = Array("ybndrfg8ejkmcpqxot1uwisza345h769".utf8)

    private static let values: [UInt8?] = {
        var values = [UInt8?](repeating: nil, count: 256)
        for (value, character) in alphabet.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        return values
    }()

    /// What a character stands for, `nil` if it is not of the alphabet.
    package static func value(of character: UInt8) -> UInt8? { values[Int(character)] }

    /// The character for five bits.
    package static func character(for value: UInt8) -> UInt8 { alphabet[Int(value & 31)] }

    /// The text for some bytes.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var pending: UInt32 = 0
        var bitCount = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 5 {
                bitCount -= 5
                text.append(alphabet[Int(pending >> UInt32(bitCount)) & 31])
            }
        }
        if bitCount > 0 {
            text.append(alphabet[Int(pending << UInt32(5 - bitCount)) & 31])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The whole bytes in a text, `nil` if a character is not of the lower-case alphabet.
    ///
    /// Left over bits are not looked at, as other implementations do not.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var pending: UInt32 = 0
        var bitCount = 0
        for character in text.utf8 {
            guard let value = values[Int(character)] else { return nil }
            pending = pending << 5 | UInt32(value)
            bitCount += 5
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bitCount)))
            }
        }
        return bytes
    }
}
