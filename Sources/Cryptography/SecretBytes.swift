/// Bytes that are wiped when nobody holds them any more, and never printed.
///
/// `@unchecked Sendable` is safe: after the initializer nothing writes to the memory.
package final class SecretBytes: @unchecked Sendable {
    private let storage: UnsafeMutableRawBufferPointer

    /// Memory for a secret that a function writes.
    package init(byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        storage = .allocate(byteCount: byteCount, alignment: 16)
        wipe(storage)
        write(storage)
    }

    /// A copy of a secret; the original stays the caller's to wipe.
    package convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
    }

    deinit {
        wipe(storage)
        storage.deallocate()
    }

    package var byteCount: Int { storage.count }

    /// Lends the bytes for the time of the call.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }

    /// Compares in constant time.
    package func isEqual(to other: SecretBytes) -> Bool {
        isEqualInConstantTime(
            UnsafeRawBufferPointer(storage), UnsafeRawBufferPointer(other.storage))
    }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
