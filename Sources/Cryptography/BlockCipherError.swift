/// Why a stored block cannot be decrypted.
public enum BlockCipherError: Error, Equatable {
    /// It has fewer bytes than the padding that stands in front of every block.
    case tooShort
}
