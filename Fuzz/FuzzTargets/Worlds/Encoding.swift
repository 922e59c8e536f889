import CompactEncoding

/// The bytes that a function writes.
func encoded(_ body: (inout CompactEncoder) -> Void) -> [UInt8] {
    var counter = CompactEncoder()
    body(&counter)
    return [UInt8](unsafeUninitializedCapacity: counter.byteCount) { buffer, count in
        var encoder = CompactEncoder(UnsafeMutableRawBufferPointer(buffer))
        body(&encoder)
        count = encoder.byteCount
    }
}
