/// A place for names in a store; the same name in two namespaces means two feeds.
public struct StoreNamespace: Hashable, Sendable {
    /// The 32 bytes that stand for the namespace.
    public let digest: Digest

    /// The namespace that these bytes stand for.
    public init(digest: Digest) { self.digest = digest }

    /// The namespace that all others are under.
    public static let root = StoreNamespace(digest: .zero)

    /// The namespace of a name within this one.
    public func child(_ name: String) -> StoreNamespace {
        var hasher = BLAKE2bHasher()
        hasher.update(digest)
        hasher.update(utf8: name)
        return StoreNamespace(digest: hasher.finalize())
    }
}
