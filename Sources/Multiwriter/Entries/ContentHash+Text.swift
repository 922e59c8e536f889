import Archives
import Cryptography

extension ContentHash {
    /// Reads 26 characters of z-base-32, `nil` for anything else.
    ///
    /// Every file of a listing has one: nothing is allocated for it.
    init?(text: String) {
        var text = text
        let bits: UInt128? = text.withUTF8 { characters in
            guard characters.count == Self.textByteCount else { return nil }
            var bits: UInt128 = 0
            for (position, character) in characters.enumerated() {
                guard let value = ZBase32.value(of: character) else { return nil }
                // The last character has two bits to spare, which nobody looks at.
                let isLast = position == Self.textByteCount - 1
                bits = isLast ? bits << 3 | UInt128(value >> 2) : bits << 5 | UInt128(value)
            }
            return bits
        }
        guard let bits else { return nil }
        self.init(bits: bits)
    }

    /// The 16 bytes as 26 characters of z-base-32.
    var text: String {
        let bits = bits
        return String(unsafeUninitializedCapacity: Self.textByteCount) { characters in
            for position in 0..<Self.textByteCount - 1 {
                let value = UInt8(truncatingIfNeeded: bits >> UInt128(123 - 5 * position)) & 31
                characters[position] = ZBase32.character(for: value)
            }
            let last = UInt8(truncatingIfNeeded: bits) & 7
            characters[Self.textByteCount - 1] = ZBase32.character(for: last << 2)
            return Self.textByteCount
        }
    }

    private static let textByteCount = 26
}
