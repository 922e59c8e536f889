public import Cryptography

/// A handle of one feed in one store: cheap to copy, valid in every transaction of the store.
///
/// A handle that carries a cipher reads and appends plain blocks; one without sees the blocks as
/// they are stored and sent.
public struct Feed: Sendable {
    /// The feed's number in this store; never given to another feed.
    public let number: UInt32
    /// The key that its manifest hashes to, or its writer's public key.
    public let key: FeedKey
    /// The name of the feed on the wire.
    public let discoveryKey: DiscoveryKey
    /// Encrypts and decrypts the blocks of an encrypted feed.
    public let cipher: BlockCipher?

    package init(
        number: UInt32, key: FeedKey, discoveryKey: DiscoveryKey? = nil, cipher: BlockCipher? = nil
    ) {
        self.number = number
        self.key = key
        self.discoveryKey = discoveryKey ?? key.discoveryKey
        self.cipher = cipher
    }

    /// The same feed, read and appended to through a cipher.
    public func encrypted(with cipher: BlockCipher?) -> Feed {
        Feed(number: number, key: key, discoveryKey: discoveryKey, cipher: cipher)
    }

    /// The bytes in front of every block that are not content.
    public var paddingByteCount: UInt64 { cipher == nil ? 0 : 8 }
}

extension Feed: Hashable {
    /// Handles are equal when they name the same feed.
    public static func == (left: Feed, right: Feed) -> Bool {
        left.number == right.number && left.key == right.key
    }

    /// Hashes the feed's number and key.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(number)
        hasher.combine(key)
    }
}
