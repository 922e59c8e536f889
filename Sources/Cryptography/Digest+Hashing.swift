import CSodium

extension Digest {
    /// H(bytes).
    public static func hash(of bytes: UnsafeRawBufferPointer) -> Digest {
        Sodium.start()
        return Digest(
            words: Words32 { output in
                crypto_generichash_blake2b(
                    output.assumingMemoryBound(to: UInt8.self), 32,
                    bytes.octets, UInt64(bytes.count), nil, 0)
            })
    }

    /// H(bytes).
    public static func hash(of bytes: [UInt8]) -> Digest {
        bytes.withUnsafeBytes { hash(of: $0) }
    }

    /// H of the UTF-8 bytes of a text.
    public static func hash(ofUTF8 text: String) -> Digest {
        hash(of: Array(text.utf8))
    }

    /// H_key(bytes): BLAKE2b with its key parameter.
    public static func hash(of bytes: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer) -> Digest
    {
        var hasher = BLAKE2bHasher(key: key)
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// The hash of a leaf of the tree, from the block that it stands for.
    public static func leaf(_ block: UnsafeRawBufferPointer) -> Digest {
        Sodium.start()
        return Digest(words: Words32 { csodium_hash_leaf($0, block.baseAddress, block.count) })
    }

    /// The hash of a leaf of the tree, from the block that it stands for.
    public static func leaf(_ block: [UInt8]) -> Digest {
        block.withUnsafeBytes { leaf($0) }
    }

    /// The hash of a node from its two children; `size` is the sum of theirs.
    public static func parent(size: UInt64, left: Digest, right: Digest) -> Digest {
        Sodium.start()
        return withUnsafePointer(to: left.words) { left in
            withUnsafePointer(to: right.words) { right in
                Digest(words: Words32 { csodium_hash_parent($0, size, left, right) })
            }
        }
    }
}
