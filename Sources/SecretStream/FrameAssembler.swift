/// Finds the frames in chunks of any size; it copies only frames that lie in several chunks.
///
/// Memory grows with the bytes that arrive and never with a length that is only announced.
/// `@unchecked Sendable` is safe: it cannot be copied, so one owner at a time has the memory.
struct FrameAssembler: ~Copyable, @unchecked Sendable {
    static let lengthByteCount = 3

    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var count = 0
    /// Whether the storage holds a frame that was handed out and may be overwritten.
    private var isHandedOut = false

    deinit { storage.deallocate() }

    /// Takes the next whole frame from the input, without its length; `nil` if there is none.
    ///
    /// The frame is good until the next call, or until the input goes. Bytes of an incomplete frame
    /// are kept, and the input is empty then. `check` refuses a length before anything is kept.
    mutating func next(
        from input: inout UnsafeRawBufferPointer,
        check: (Int) throws(SecretStreamError) -> Void
    ) throws(SecretStreamError) -> UnsafeRawBufferPointer? {
        if isHandedOut { dropHandedOut() }
        if count == 0, input.count >= Self.lengthByteCount {
            let byteCount = Self.length(of: input)
            try check(byteCount)
            let end = Self.lengthByteCount + byteCount
            if input.count >= end {
                let frame = UnsafeRawBufferPointer(rebasing: input[Self.lengthByteCount..<end])
                input = UnsafeRawBufferPointer(rebasing: input[end...])
                return frame
            }
        }
        if count < Self.lengthByteCount {
            keep(Self.lengthByteCount - count, of: &input)
            guard count == Self.lengthByteCount else { return nil }
            try check(Self.length(of: UnsafeRawBufferPointer(storage)))
        }
        let end = Self.lengthByteCount + Self.length(of: UnsafeRawBufferPointer(storage))
        keep(end - count, of: &input)
        guard count == end else { return nil }
        isHandedOut = true
        return UnsafeRawBufferPointer(rebasing: storage[Self.lengthByteCount..<end])
    }

    /// How much memory is held, for a frame that is not complete or for the next one.
    var heldByteCount: Int { storage.count }

    /// Whether a frame is not complete.
    var isPartial: Bool { count > 0 && !isHandedOut }

    /// Gives the memory back, unless a frame is not complete.
    mutating func release() {
        guard !isPartial else { return }
        isHandedOut = false
        count = 0
        storage.deallocate()
        storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    /// Moves up to so many bytes from the input to the storage.
    private mutating func keep(_ wanted: Int, of input: inout UnsafeRawBufferPointer) {
        let part = min(wanted, input.count)
        guard part > 0 else { return }
        if storage.count - count < part { grow(to: count + part, end: count + wanted) }
        UnsafeMutableRawBufferPointer(rebasing: storage[count...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<part]))
        count += part
        input = UnsafeRawBufferPointer(rebasing: input[part...])
    }

    private mutating func grow(to needed: Int, end: Int) {
        let byteCount = max(needed, min(2 * storage.count, end), 256)
        let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
        grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        storage.deallocate()
        storage = grown
    }

    private mutating func dropHandedOut() {
        isHandedOut = false
        count = 0
        guard storage.count > SecretStreamLimits.maximumKeptByteCount else { return }
        storage.deallocate()
        storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    private static func length(of bytes: UnsafeRawBufferPointer) -> Int {
        Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16
    }
}

extension [UInt8] {
    /// Appends the length that stands in front of a frame.
    mutating func appendFrameLength(_ byteCount: Int) {
        append(UInt8(truncatingIfNeeded: byteCount))
        append(UInt8(truncatingIfNeeded: byteCount >> 8))
        append(UInt8(truncatingIfNeeded: byteCount >> 16))
    }
}
