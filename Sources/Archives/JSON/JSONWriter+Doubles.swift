extension JSONWriter {
    /// Writes a number with the fewest digits that read back to it, laid out as in JavaScript.
    mutating func write(double: Double) {
        guard double.isFinite else { return write(literal: "null") }
        if double == 0 { return bytes.append(UInt8(ascii: "0")) }
        if double < 0 { bytes.append(UInt8(ascii: "-")) }
        let (digits, point) = JSONWriter.decimal(double.magnitude)
        if point > 21 || point < -5 {
            writeScientific(digits, exponent: point - 1)
        } else if point <= 0 {
            write(literal: "0.")
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -point))
            bytes.append(contentsOf: digits)
        } else if point >= digits.count {
            bytes.append(contentsOf: digits)
            bytes.append(
                contentsOf: repeatElement(UInt8(ascii: "0"), count: point - digits.count))
        } else {
            bytes.append(contentsOf: digits[..<point])
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: digits[point...])
        }
    }

    private mutating func writeScientific(_ digits: [UInt8], exponent: Int) {
        bytes.append(digits[0])
        if digits.count > 1 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: digits[1...])
        }
        bytes.append(UInt8(ascii: "e"))
        bytes.append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        write(unsigned: UInt64(exponent.magnitude))
    }

    /// The shortest digits of a positive number, and where the decimal point stands among them.
    private static func decimal(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var text = value.description
        text.withUTF8 { utf8 in
            for position in utf8.indices {
                switch utf8[position] {
                case 0x30...0x39: digits.append(utf8[position])
                case UInt8(ascii: "."): point = digits.count
                default:
                    // The exponent is the rest of the text: e, a sign, digits.
                    let rest = utf8[(position + 1)...]
                    exponent = Int(String(decoding: rest, as: UTF8.self)) ?? 0
                }
                if utf8[position] | 0x20 == UInt8(ascii: "e") { break }
            }
        }
        var position = (point ?? digits.count) + exponent
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        position -= zeros
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, position)
    }
}
