import Archives

extension JSONValue {
    /// A count; what is beyond the whole numbers of JSON here is the largest of them.
    static func count(_ value: UInt64) -> JSONValue { .integer(Int64(clamping: value)) }
}
