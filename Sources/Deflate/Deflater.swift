import CZlib

/// Compresses bytes into memory of a given size, as a raw DEFLATE stream (RFC 1951).
///
/// Whoever compresses to save something says in advance how much it must save at least: what does
/// not fit is not compressed.
public struct Deflater: ~Copyable {
    // zlib keeps a pointer to the stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let capacity: Int
    private var isFull = false

    /// Begins a stream that ends in `output`, which must outlive this value.
    public init(into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count <= Int(UInt32.max), "The output has at most 4 GiB")
        capacity = output.count
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        // Level 1: the first levels gain most of the size for a small part of the time.
        let result = czlib_begin_deflating(stream, 1)
        precondition(result == Z_OK, "There is no memory to compress with")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Adds bytes; false once the output is full.
    public mutating func add(_ bytes: UnsafeRawBufferPointer) -> Bool {
        precondition(bytes.count <= Int(UInt32.max), "Bytes are added in parts below 4 GiB")
        guard !isFull else { return false }
        // An empty step without progress is an error to zlib.
        guard !bytes.isEmpty else { return true }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(bytes.count)
        let result = deflate(stream, Z_NO_FLUSH)
        isFull = result != Z_OK || stream.pointee.avail_in > 0
        return !isFull
    }

    /// Ends the stream; returns how many bytes it has, `nil` if it did not fit.
    public mutating func finish() -> Int? {
        guard !isFull else { return nil }
        isFull = true
        stream.pointee.next_in = nil
        stream.pointee.avail_in = 0
        guard deflate(stream, Z_FINISH) == Z_STREAM_END else { return nil }
        return capacity - Int(stream.pointee.avail_out)
    }
}
