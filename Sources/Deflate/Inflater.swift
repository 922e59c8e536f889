import CZlib

/// Decompresses raw DEFLATE streams (RFC 1951) of which it is known how long their content is.
public enum Inflater {
    /// Fills the output with what a stream holds.
    ///
    /// False if the bytes are not exactly one stream, or its content is not exactly as long as the
    /// output; nothing is written beyond it, whatever the stream says.
    public static func inflate(
        _ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard bytes.count <= Int(UInt32.max), output.count <= Int(UInt32.max) else { return false }
        var spare: UInt8 = 0
        return withUnsafeMutablePointer(to: &spare) { spare in
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            defer { stream.deallocate() }
            guard czlib_begin_inflating(stream) == Z_OK else { return false }
            defer { inflateEnd(stream) }
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
            stream.pointee.avail_in = UInt32(bytes.count)
            // zlib wants somewhere to write even if there is nothing to come.
            stream.pointee.next_out =
                output.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? spare
            stream.pointee.avail_out = UInt32(output.count)
            let result = CZlib.inflate(stream, Z_FINISH)
            return result == Z_STREAM_END && stream.pointee.avail_in == 0
                && stream.pointee.avail_out == 0
        }
    }
}
