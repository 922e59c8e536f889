/// Writes the fields of a protocol-buffer message.
struct ProtobufWriter {
    var bytes: [UInt8] = []

    static func byteCount(ofVarint value: UInt64) -> Int {
        // Seven bits a byte; zero takes one byte as well.
        max(1, (64 - value.leadingZeroBitCount + 6) / 7)
    }

    mutating func write(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func write(_ value: [UInt8], field: UInt8) {
        bytes.append(field << 3 | 2)
        write(varint: UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func write(number value: UInt64, field: UInt8) {
        bytes.append(field << 3)
        write(varint: value)
    }

    /// Writes numbers in one packed field, which is left out if there are none.
    mutating func write(packed values: [UInt64], field: UInt8) {
        guard !values.isEmpty else { return }
        bytes.append(field << 3 | 2)
        write(varint: UInt64(values.reduce(0) { $0 + Self.byteCount(ofVarint: $1) }))
        for value in values { write(varint: value) }
    }
}
