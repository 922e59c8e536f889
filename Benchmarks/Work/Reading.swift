/// Reads all of some bytes, as somebody who uses them does; the sum keeps the compiler from
/// leaving it out.
public func sum(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    var sum: UInt64 = 0
    let wholeByteCount = bytes.count & ~7
    for offset in stride(from: 0, to: wholeByteCount, by: 8) {
        sum &+= bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    for byte in bytes[wholeByteCount...] { sum &+= UInt64(byte) }
    return sum
}
