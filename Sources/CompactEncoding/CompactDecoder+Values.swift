extension CompactDecoder {
    /// Reads a `buffer`, as a part of the decoder's own.
    public mutating func readBuffer() throws(CompactDecodingError) -> UnsafeRawBufferPointer {
        let length = try readWideUInt()
        guard length <= UInt64(remainingByteCount) else { throw .outOfBounds }
        return try readFixed(byteCount: Int(length))
    }

    /// Reads a `buffer` and copies it.
    public mutating func readBytes() throws(CompactDecodingError) -> [UInt8] {
        Array(try readBuffer())
    }

    /// Reads an `optionalBuffer`: an empty one is absent.
    public mutating func readOptionalBuffer()
        throws(CompactDecodingError) -> UnsafeRawBufferPointer?
    {
        let buffer = try readBuffer()
        return buffer.isEmpty ? nil : buffer
    }

    /// Reads a `string`; what is not UTF-8 becomes replacement characters.
    public mutating func readString() throws(CompactDecodingError) -> String {
        String(decoding: try readBuffer(), as: UTF8.self)
    }

    /// Reads a `bool`: exactly 1 is true, any other byte is false.
    public mutating func readBool() throws(CompactDecodingError) -> Bool {
        try readUInt8() == 1
    }

    /// Reads a `float64`.
    public mutating func readFloat64() throws(CompactDecodingError) -> Double {
        Double(bitPattern: try readUInt64())
    }

    /// Reads the count of an array, whose items take at least so many bytes each.
    ///
    /// More items than bytes could be left for are refused before anything is allocated.
    public mutating func readArrayCount(
        minimumItemByteCount: Int = 1
    ) throws(CompactDecodingError) -> Int {
        let count = try readWideUInt()
        guard count <= UInt64(CompactLimits.maximumArrayCount) else { throw .arrayTooLarge }
        let (byteCount, overflow) = Int(count).multipliedReportingOverflow(by: minimumItemByteCount)
        guard !overflow, byteCount <= remainingByteCount else { throw .outOfBounds }
        return Int(count)
    }

    /// Reads an array whose items a function reads.
    @inlinable
    public mutating func readArray<Item>(
        minimumItemByteCount: Int = 1,
        _ readItem: (inout CompactDecoder) throws(CompactDecodingError) -> Item
    ) throws(CompactDecodingError) -> [Item] {
        let count = try readArrayCount(minimumItemByteCount: minimumItemByteCount)
        var items: [Item] = []
        items.reserveCapacity(count)
        for _ in 0..<count {
            items.append(try readItem(&self))
        }
        return items
    }

    /// Reads an array of values that know their encoding.
    @inlinable
    public mutating func readArray<Item: CompactDecodable>(
        of type: Item.Type, minimumItemByteCount: Int = 1
    ) throws(CompactDecodingError) -> [Item] {
        try readArray(minimumItemByteCount: minimumItemByteCount) {
            (decoder) throws(CompactDecodingError) in
            try Item(from: &decoder)
        }
    }

    /// Reads a `uint32array`: a count of words, then the words.
    public mutating func readUInt32Array() throws(CompactDecodingError) -> [UInt32] {
        let count = try readWideUInt()
        guard count <= UInt64(remainingByteCount / 4) else { throw .outOfBounds }
        let words = try readFixed(byteCount: Int(count) * 4)
        return (0..<Int(count)).map {
            UInt32(littleEndian: words.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))
        }
    }

    /// Reads a signed number of fixed width, in zig-zag form.
    public mutating func readInt8() throws(CompactDecodingError) -> Int8 {
        Int8(truncatingIfNeeded: zigZagDecoded(UInt64(try readUInt8())))
    }

    /// Reads a signed number of fixed width, in zig-zag form.
    public mutating func readInt16() throws(CompactDecodingError) -> Int16 {
        Int16(truncatingIfNeeded: zigZagDecoded(UInt64(try readUInt16())))
    }

    /// Reads a signed number of fixed width, in zig-zag form.
    public mutating func readInt24() throws(CompactDecodingError) -> Int32 {
        Int32(truncatingIfNeeded: zigZagDecoded(UInt64(try readUInt24())))
    }

    /// Reads a signed number of fixed width, in zig-zag form.
    public mutating func readInt32() throws(CompactDecodingError) -> Int32 {
        Int32(truncatingIfNeeded: zigZagDecoded(UInt64(try readUInt32())))
    }

    /// Reads a signed number of fixed width, in zig-zag form.
    public mutating func readInt40() throws(CompactDecodingError) -> Int64 {
        zigZagDecoded(try readUInt40())
    }

    /// Reads a signed number of fixed width, in zig-zag form.
    public mutating func readInt48() throws(CompactDecodingError) -> Int64 {
        zigZagDecoded(try readUInt48())
    }

    /// Reads a signed number of fixed width, in zig-zag form.
    public mutating func readInt56() throws(CompactDecodingError) -> Int64 {
        zigZagDecoded(try readUInt56())
    }

    /// Reads a signed number of fixed width, in zig-zag form.
    public mutating func readInt64() throws(CompactDecodingError) -> Int64 {
        zigZagDecoded(try readUInt64())
    }
}

extension [UInt8] {
    /// Lends a decoder over the bytes for the time of the call.
    @inlinable
    public func withCompactDecoder<Result, Failure: Error>(
        _ body: (inout CompactDecoder) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeBufferPointer { (bytes) throws(Failure) -> Result in
            var decoder = CompactDecoder(UnsafeRawBufferPointer(bytes))
            return try body(&decoder)
        }
    }
}
