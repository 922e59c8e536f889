extension JSONParser {
    /// Reads a number as JavaScript does: into the nearest double.
    mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = position
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
        let digits = position
        var magnitude: UInt64 = 0
        while let digit = digit(at: position) {
            // Beyond 19 digits the value is not used.
            magnitude = magnitude &* 10 &+ UInt64(digit)
            position += 1
        }
        let count = position - digits
        guard count > 0, count == 1 || bytes[digits] != UInt8(ascii: "0") else {
            throw .syntax(at: digits)
        }
        let isWhole = try !skipFraction()
        if isWhole, count <= 16, magnitude <= ArchiveLimits.maximumSafeInteger {
            return .integer(start == digits ? Int64(magnitude) : -Int64(magnitude))
        }
        let text = String(
            decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        guard let value = Double(text) else { throw .syntax(at: start) }
        return .number(value)
    }

    /// Goes past a fraction and an exponent; true if there was either.
    private mutating func skipFraction() throws(JSONError) -> Bool {
        var found = false
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            found = true
            position += 1
            try skipDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            found = true
            position += 1
            if position < bytes.count,
                bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            try skipDigits()
        }
        return found
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while digit(at: position) != nil { position += 1 }
        guard position > start else { throw .syntax(at: position) }
    }

    private func digit(at index: Int) -> UInt8? {
        guard index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 else { return nil }
        return bytes[index] - 0x30
    }
}
