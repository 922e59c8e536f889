/// Counts the frames that are complete in a stream of bytes, by their lengths alone.
///
/// It tells a far end that is quiet from one that never finishes a frame.
struct FrameCounter {
    private var lengthByteCount = 0
    private var remainingByteCount = 0

    /// Takes the next bytes; returns how many frames they complete.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        var frameCount = 0
        var position = 0
        while position < bytes.count {
            if lengthByteCount < 3 {
                remainingByteCount |= Int(bytes[position]) << (8 * lengthByteCount)
                lengthByteCount += 1
                position += 1
            } else {
                let part = min(remainingByteCount, bytes.count - position)
                remainingByteCount -= part
                position += part
            }
            if lengthByteCount == 3 && remainingByteCount == 0 {
                frameCount += 1
                lengthByteCount = 0
            }
        }
        return frameCount
    }
}
