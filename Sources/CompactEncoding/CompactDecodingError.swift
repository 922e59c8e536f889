/// The rule that some bytes break.
public enum CompactDecodingError: Error, Equatable {
    /// The bytes end before the value does.
    case outOfBounds
    /// A `uint` is above 2^53 − 1.
    case integerTooLarge
    /// An array has more items than a reader accepts.
    case arrayTooLarge
    /// A value of `CompactValue` has a tag that means nothing.
    case unknownType
    /// Arrays and objects stand too deep in one another.
    case nestedTooDeep
    /// A field holds a value that its message does not allow.
    case invalidValue
}

extension CompactDecodingError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .outOfBounds: "The bytes end before the value does."
        case .integerTooLarge: "An integer is above 2^53 − 1."
        case .arrayTooLarge: "An array has too many items."
        case .unknownType: "A value is of an unknown type."
        case .nestedTooDeep: "Values are nested too deeply."
        case .invalidValue: "A field has a value that is not allowed."
        }
    }
}
