public import Cryptography

/// Exactly the bytes that are signed.
///
/// See docs/formats/manifests.md#what-is-signed.
public enum Signable {
    /// A feed in compat mode: label, tree hash, length, fork.
    public static func compat(_ head: TreeHead) -> [UInt8] {
        bytes(of: head, label: Namespace.tree, context: nil)
    }

    /// Any other feed: label, context, tree hash, length, fork.
    ///
    /// The context is the signer's namespace in version 0, the feed key in later versions.
    public static func signable(_ head: TreeHead, context: Digest) -> [UInt8] {
        bytes(of: head, label: Namespace.tree, context: context)
    }

    /// The oldest form, which no feed of today has: tree hash, length, fork.
    public static func legacy(_ head: TreeHead) -> [UInt8] {
        bytes(of: head, label: nil, context: nil)
    }

    private static func bytes(of head: TreeHead, label: Digest?, context: Digest?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(112)
        for part in [label, context, head.treeHash] {
            part?.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        for number in [head.length, head.fork] {
            Swift.withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
