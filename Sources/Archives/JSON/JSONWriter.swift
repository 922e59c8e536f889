extension JSONValue {
    /// The bytes that `JSON.stringify` gives for this value, without spaces.
    public var serialized: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }
}

/// Writes JSON the way JavaScript does.
struct JSONWriter {
    var bytes: [UInt8] = []

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: write(literal: "null")
        case .bool(let bool): write(literal: bool ? "true" : "false")
        case .integer(let integer): write(integer: integer)
        case .double(let double): write(double: double)
        case .string(let string): write(quoting: string)
        case .surrogates(let units): write(quoting: units)
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for (position, item) in items.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                write(item)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (position, member) in object.members.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                write(quoting: member.name)
                bytes.append(UInt8(ascii: ":"))
                write(member.value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    mutating func write(literal text: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(
                start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(integer: Int64) {
        if integer < 0 { bytes.append(UInt8(ascii: "-")) }
        write(unsigned: integer.magnitude)
    }

    mutating func write(unsigned value: UInt64) {
        let start = bytes.count
        var rest = value
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    mutating func write(quoting text: String) {
        bytes.append(UInt8(ascii: "\""))
        var copy = text
        copy.withUTF8 { utf8 in
            var run = 0
            for position in utf8.indices where JSONWriter.mustEscape(utf8[position]) {
                bytes.append(contentsOf: utf8[run..<position])
                writeEscape(UInt16(utf8[position]))
                run = position + 1
            }
            bytes.append(contentsOf: utf8[run...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a string that holds lone surrogates; these are escaped, all else is as usual.
    mutating func write(quoting units: [UInt16]) {
        bytes.append(UInt8(ascii: "\""))
        var position = 0
        while position < units.count {
            let unit = units[position]
            if UTF16.isLeadSurrogate(unit), position + 1 < units.count,
                UTF16.isTrailSurrogate(units[position + 1])
            {
                let pair = units[position...position + 1]
                bytes.append(contentsOf: String(decoding: pair, as: UTF16.self).utf8)
                position += 2
                continue
            }
            if UTF16.isSurrogate(unit) || unit < 0x80 && JSONWriter.mustEscape(UInt8(unit)) {
                writeEscape(unit)
            } else {
                bytes.append(contentsOf: String(decoding: [unit], as: UTF16.self).utf8)
            }
            position += 1
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func writeEscape(_ unit: UInt16) {
        switch unit {
        case 0x08: write(literal: "\\b")
        case 0x09: write(literal: "\\t")
        case 0x0a: write(literal: "\\n")
        case 0x0c: write(literal: "\\f")
        case 0x0d: write(literal: "\\r")
        case 0x22: write(literal: "\\\"")
        case 0x5c: write(literal: "\\\\")
        default:
            write(literal: "\\u")
            for shift in [12, 8, 4, 0] {
                let digit = UInt8(truncatingIfNeeded: unit >> shift & 15)
                bytes.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
            }
        }
    }
}
