extension CompactEncoder {
    /// Writes bytes without a length, of which there must be so many.
    public mutating func writeFixed(_ bytes: [UInt8], byteCount: Int) {
        precondition(bytes.count == byteCount, "A fixed field has another size")
        bytes.withUnsafeBytes { writeFixed($0) }
    }

    /// Writes bytes up to the end of a message, without a length.
    public mutating func writeRest(_ bytes: UnsafeRawBufferPointer) { writeFixed(bytes) }

    /// Writes bytes up to the end of a message, without a length.
    public mutating func writeRest(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { writeFixed($0) }
    }

    /// Writes a `buffer`.
    public mutating func writeBuffer(_ bytes: UnsafeRawBufferPointer) {
        writeUInt(bytes.count)
        writeFixed(bytes)
    }

    /// Writes a `buffer`.
    public mutating func writeBuffer(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { writeBuffer($0) }
    }

    /// Writes an `optionalBuffer`: absent and empty look the same.
    public mutating func writeOptionalBuffer(_ bytes: [UInt8]?) {
        writeBuffer(bytes ?? [])
    }

    /// Writes a `string`.
    public mutating func writeString(_ text: String) {
        var text = text
        text.withUTF8 { writeBuffer(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a `bool`.
    public mutating func writeBool(_ value: Bool) { writeUInt8(value ? 1 : 0) }

    /// Writes a `float64`.
    public mutating func writeFloat64(_ value: Double) { writeUInt64(value.bitPattern) }

    /// Writes the count of an array, which its items follow.
    public mutating func writeArrayCount(_ count: Int) {
        precondition(count <= CompactLimits.maximumArrayCount, "An array has too many items")
        writeUInt(count)
    }

    /// Writes an array whose items a function writes.
    @inlinable
    public mutating func writeArray<Item>(
        _ items: [Item], _ writeItem: (inout CompactEncoder, Item) -> Void
    ) {
        writeArrayCount(items.count)
        for item in items { writeItem(&self, item) }
    }

    /// Writes an array of values that know their encoding.
    @inlinable
    public mutating func writeArray(_ items: [some CompactEncodable]) {
        writeArray(items) { $1.encode(to: &$0) }
    }

    /// Writes a `uint32array`: a count of words, then the words.
    public mutating func writeUInt32Array(_ words: [UInt32]) {
        writeUInt(words.count)
        for word in words { writeUInt32(word) }
    }

    /// Writes a signed number of fixed width, in zig-zag form.
    public mutating func writeInt8(_ value: Int8) {
        writeUInt8(UInt8(truncatingIfNeeded: zigZagEncoded(Int64(value))))
    }

    /// Writes a signed number of fixed width, in zig-zag form.
    public mutating func writeInt16(_ value: Int16) {
        writeUInt16(UInt16(truncatingIfNeeded: zigZagEncoded(Int64(value))))
    }

    /// Writes a signed number of fixed width, in zig-zag form.
    public mutating func writeInt24(_ value: Int32) {
        writeUInt24(UInt32(truncatingIfNeeded: zigZagEncoded(Int64(value))))
    }

    /// Writes a signed number of fixed width, in zig-zag form.
    public mutating func writeInt32(_ value: Int32) {
        writeUInt32(UInt32(truncatingIfNeeded: zigZagEncoded(Int64(value))))
    }

    /// Writes a signed number of fixed width, in zig-zag form.
    public mutating func writeInt40(_ value: Int64) { writeUInt40(zigZagEncoded(value)) }

    /// Writes a signed number of fixed width, in zig-zag form.
    public mutating func writeInt48(_ value: Int64) { writeUInt48(zigZagEncoded(value)) }

    /// Writes a signed number of fixed width, in zig-zag form.
    public mutating func writeInt56(_ value: Int64) { writeUInt56(zigZagEncoded(value)) }

    /// Writes a signed number of fixed width, in zig-zag form.
    public mutating func writeInt64(_ value: Int64) { writeUInt64(zigZagEncoded(value)) }
}
