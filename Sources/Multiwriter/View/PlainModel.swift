import Archives

/// The value of a file, to tell others like it without taking them apart.
///
/// A value that differs from it in digits, of which no number begins with a zero, and in the
/// content's hash alone, is one that `PlainValue.isFile` takes as well.
struct PlainModel {
    private var bytes: [UInt8] = []
    /// Where the hash stands, without its quotation marks.
    private var hash = 0..<0

    /// Takes a value as the model if it has the form in which this project writes.
    ///
    /// Returns false if it is not that of a file at all, as `PlainValue.isFile` does.
    mutating func take(_ value: UnsafeRawBufferPointer) -> Bool {
        var hash: Range<Int>?
        guard PlainValue.isFile(value, hash: &hash) else { return false }
        if let hash, hash.count >= 8, hash.lowerBound >= 8 {
            bytes.assign(value)
            self.hash = hash
        }
        return true
    }

    /// True if a value is like the model; false says nothing.
    func isLike(_ value: UnsafeRawBufferPointer) -> Bool {
        guard value.count == bytes.count, !bytes.isEmpty else { return false }
        return bytes.withUnsafeBytes { model in
            // The last word of a part may overlap the one before.
            var place = 0
            while place < hash.lowerBound {
                let start = min(place, hash.lowerBound - 8)
                guard Self.differsInDigits(value, model, at: start) else { return false }
                place += 8
            }
            place = hash.lowerBound
            while place < hash.upperBound {
                let start = min(place, hash.upperBound - 8)
                guard PlainValue.specialBits(of: Self.word(of: value, at: start)) == 0 else {
                    return false
                }
                place += 8
            }
            for place in hash.upperBound..<model.count where value[place] != model[place] {
                return false
            }
            return true
        }
    }

    private static let tops: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    private static func word(of bytes: UnsafeRawBufferPointer, at place: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }

    /// The top bits of the bytes that are not zero.
    @inline(__always)
    private static func nonzeroBits(of word: UInt64) -> UInt64 {
        ((word & ~tops) &+ ~tops | word) & tops
    }

    /// True if eight bytes are those of the model but for digits.
    @inline(__always)
    private static func differsInDigits(
        _ value: UnsafeRawBufferPointer, _ model: UnsafeRawBufferPointer, at place: Int
    ) -> Bool {
        let found = word(of: value, at: place)
        let expected = word(of: model, at: place)
        guard found != expected else { return true }
        let changed = nonzeroBits(of: found ^ expected)
        let others = PlainValue.otherBits(of: found) | PlainValue.otherBits(of: expected)
        guard changed & others == 0 else { return false }
        var zeros = changed & ~nonzeroBits(of: found ^ 0x3030_3030_3030_3030)
        while zeros != 0 {
            let position = place + zeros.trailingZeroBitCount / 8
            // A number begins with a zero only if that is all of it.
            guard position > 0, position + 1 < value.count,
                isDigit(value[position - 1]) || !isDigit(value[position + 1])
            else { return false }
            zeros &= zeros &- 1
        }
        return true
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
