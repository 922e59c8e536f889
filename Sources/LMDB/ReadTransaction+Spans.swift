extension ReadTransaction {
    /// Reads the value of a key as a span, which the compiler keeps inside the body.
    @inlinable
    public func withSpan<Result>(
        forKey key: [UInt8], in database: Database, _ body: (RawSpan?) throws -> Result
    ) throws -> Result {
        try withValue(forKey: key, in: database) { bytes in
            guard let bytes else { return try body(nil) }
            return try body(bytes.bytes)
        }
    }
}
