import CSodium

/// The one place where libsodium is started.
///
/// Until then it works, but with its slowest implementations.
enum Sodium {
    private static let isStarted: Bool = {
        let result = sodium_init()
        precondition(result >= 0, "libsodium could not be started")
        return true
    }()

    /// Starts libsodium on the first call; later calls cost a load.
    static func start() { _ = isStarted }
}

/// Compares in a time that does not depend on where the bytes differ.
package func isEqualInConstantTime(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
) -> Bool {
    guard left.count == right.count else { return false }
    guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return true }
    return sodium_memcmp(leftBase, rightBase, left.count) == 0
}

/// Overwrites bytes in a way that the optimizer may not leave out.
package func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    sodium_memzero(base, bytes.count)
}

extension UnsafeRawBufferPointer {
    /// The bytes as C wants them; `nil` only for an empty buffer.
    var octets: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}

extension UnsafeMutableRawBufferPointer {
    /// The bytes as C wants them; `nil` only for an empty buffer.
    var octets: UnsafeMutablePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
