extension JSONParser {
    /// Reads a string; the position is at its opening quotation mark.
    mutating func parseString() throws(JSONError) -> JSONValue {
        let start = position + 1
        var end = start
        while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "\""):
                position = end + 1
                return .string(try text(start..<end))
            case UInt8(ascii: "\\"):
                return try parseEscapedString(from: start, firstEscape: end)
            case 0..<0x20:
                throw .syntax(at: end)
            default:
                end += 1
            }
        }
        throw .syntax(at: end)
    }

    private func text(_ range: Range<Int>) throws(JSONError) -> String {
        // A concrete buffer: going through the generic initialiser costs more than the copy.
        let units = UnsafeBufferPointer(
            rebasing: bytes.bindMemory(to: UInt8.self)[range])
        if units.allSatisfy({ $0 < 0x80 }) { return String(decoding: units, as: UTF8.self) }
        guard let text = String(validating: units, as: UTF8.self) else {
            throw .invalidText(at: range.lowerBound)
        }
        return text
    }

    private mutating func parseEscapedString(
        from start: Int, firstEscape: Int
    ) throws(JSONError) -> JSONValue {
        var units = Array(try text(start..<firstEscape).utf16)
        position = firstEscape
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                if let text = String(validating: units, as: UTF16.self) { return .string(text) }
                return .surrogates(units)
            }
            if byte == UInt8(ascii: "\\") {
                units.append(try parseEscape())
                continue
            }
            let run = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "\""),
                bytes[position] != UInt8(ascii: "\\")
            {
                guard bytes[position] >= 0x20 else { throw .syntax(at: position) }
                position += 1
            }
            units.append(contentsOf: try text(run..<position).utf16)
        }
        throw .syntax(at: position)
    }

    private mutating func parseEscape() throws(JSONError) -> UInt16 {
        guard position + 1 < bytes.count else { throw .syntax(at: position) }
        let letter = bytes[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(letter)
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0c
        case UInt8(ascii: "n"): return 0x0a
        case UInt8(ascii: "r"): return 0x0d
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): return try parseCodeUnit()
        default: throw .syntax(at: position - 1)
        }
    }

    private mutating func parseCodeUnit() throws(JSONError) -> UInt16 {
        guard bytes.count - position >= 4 else { throw .syntax(at: position) }
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch bytes[position] {
            case 0x30...0x39: digit = bytes[position] - 0x30
            case 0x41...0x46: digit = bytes[position] - 0x41 + 10
            case 0x61...0x66: digit = bytes[position] - 0x61 + 10
            default: throw .syntax(at: position)
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
