// Signs a message, names a feed, and encrypts a block.

import Cryptography

// All key pairs of a writer follow from one secret of 32 bytes: keep it, and never print it.
let secret = PrimaryKey.random()
let keyPair = secret.keyPair(named: "diary")

let message = Array("dear diary".utf8)
let signature = keyPair.sign(message)
let isGenuine = keyPair.publicKey.isValid(signature, for: message)
let isForged = keyPair.publicKey.isValid(signature, for: Array("dear reader".utf8))
print("signature of the message: \(isGenuine), of another one: \(isForged)")

// A feed is known by its key, and named on the wire by a hash of it, which does not give it away.
let key = FeedKey(keyPair.publicKey)
print("key            ", key.id)
print("discovery key  ", key.discoveryKey.hexadecimal)
print("digest         ", Digest.hash(of: message).hexadecimal)

// Links are read in any of their forms.
do {
    let parsed = try FeedKey(parsing: "pear://\(key.id)/2026/may.txt")
    print("the link names the same feed:", parsed == key)

    let cipher = secret.withUnsafeBytes {
        BlockCipher(encryptionKey: $0, feedKey: key, isCompat: true)
    }
    let stored = cipher.encrypt(block: message, index: 0, fork: 0)
    let opened = try cipher.decrypt(block: stored, index: 0)
    print("\(stored.count) bytes at rest, read again:", String(decoding: opened, as: UTF8.self))
} catch {
    print("failed: \(error)")
}
