import Archives
import Cryptography

extension ContentHash {
    /// Reads 26 characters of z-base-32, `nil` for anything else.
    init?(text: String) {
        guard text.utf8.count == Self.textByteCount, let bytes = ZBase32.decode(text) else {
            return nil
        }
        self.init(bytes)
    }

    /// The 16 bytes as 26 characters of z-base-32.
    var text: String { ZBase32.encode(bytes) }

    private static let textByteCount = 26
}
