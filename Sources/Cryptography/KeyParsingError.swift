/// What is wrong with a text that should be the key of a feed.
public enum KeyParsingError: Error, Equatable {
    /// The id is neither 52 nor 64 characters long.
    case length
    /// The id has a character that its form does not allow.
    case character
}

extension KeyParsingError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .length: "A feed key has 52 (z-base-32) or 64 (hexadecimal) characters."
        case .character: "The feed key has a character that does not belong there."
        }
    }
}
