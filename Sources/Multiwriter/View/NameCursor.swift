import Archives
import Feeds

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Walks the paths of one kind of entries of one archive, and tells which of them are plain.
struct NameCursor {
    let kind: EntryKey
    private var iterator: IndexIterator
    /// The path as it stands in the key; its memory is used again.
    private(set) var path: [UInt8] = []
    /// Whether the path can be read back and the value is one that raises no question.
    private(set) var isPlain = false
    private(set) var isAtEnd = false

    init(_ kind: EntryKey, _ iterator: IndexIterator) {
        self.kind = kind
        self.iterator = iterator
    }

    mutating func advance(in snapshot: borrowing StoreSnapshot) throws {
        let kind = kind
        path.removeAll(keepingCapacity: true)
        isPlain = false
        let isThere = try iterator.visitNext(in: snapshot) { _, key, value in
            let stored = UnsafeRawBufferPointer(rebasing: key[kind.prefixCount...])
            path.append(contentsOf: stored)
            guard let value, DrivePath.isStorable(stored) else { return }
            isPlain = kind == .file ? PlainValue.isFile(value) : PlainValue.isObject(value)
        }
        isAtEnd = !isThere
    }

    /// Goes to the first path that is not below the given bytes, unless it is there already.
    mutating func seek(to other: [UInt8], in snapshot: borrowing StoreSnapshot) throws {
        guard !isAtEnd, KeyOrder.compare(path, other) < 0 else { return }
        iterator.seek(to: .included(kind.prefix + other))
        try advance(in: snapshot)
    }

    /// Ends the walk, after what cannot be read.
    mutating func end() { isAtEnd = true }
}

/// Recognises values that every reader takes for what they seem, without reading them out.
///
/// It knows the form in which Hyperdrive and this project write, without spaces and escapes. What
/// it does not know is not wrong: it has to be read by the parser.
struct PlainValue {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// True for a file with content in blocks of its own.
    static func isFile(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= ArchiveLimits.maximumJSONByteCount else { return false }
        var value = PlainValue(bytes)
        guard value.skip("{\"executable\":"), value.skip("false") || value.skip("true"),
            value.skip(",\"linkname\":null,\"blob\":{\"blockOffset\":"), value.skipNumber(),
            value.skip(",\"byteOffset\":"), value.skipNumber(),
            value.skip(",\"blockLength\":"), value.skipNumber(),
            value.skip(",\"byteLength\":"), value.skipNumber(),
            value.skip("},\"metadata\":"), value.skipValue(depth: 0), value.skip("}")
        else { return false }
        return value.position == bytes.count
    }

    /// True for an object.
    static func isObject(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= ArchiveLimits.maximumJSONByteCount, bytes.first == openBrace else {
            return false
        }
        var value = PlainValue(bytes)
        return value.skipValue(depth: 0) && value.position == bytes.count
    }

    private static let openBrace = UInt8(ascii: "{")
    private static let maximumDepth = 8

    private mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count, let base = bytes.baseAddress,
            memcmp(base + position, text.utf8Start, count) == 0
        else { return false }
        position += count
        return true
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// A whole number that needs no rounding.
    private mutating func skipNumber() -> Bool {
        let start = position
        var end = start
        while end < bytes.count, bytes[end] &- 0x30 < 10 { end += 1 }
        position = end
        let count = end - start
        return count == 1 || count > 1 && count <= 15 && bytes[start] != 0x30
    }

    /// A string without escapes, of ASCII alone.
    private mutating func skipString() -> Bool {
        guard skip(UInt8(ascii: "\"")) else { return false }
        var end = position
        while end + 8 <= bytes.count {
            let word = UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self))
            let special = Self.specialBits(of: word)
            guard special == 0 else {
                end += special.trailingZeroBitCount / 8
                break
            }
            end += 8
        }
        while end < bytes.count {
            let byte = bytes[end]
            end += 1
            if byte == UInt8(ascii: "\"") {
                position = end
                return true
            }
            guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\\") else { return false }
        }
        return false
    }

    /// Eight bytes at once: the lowest bit set is the top one of the first byte that is a
    /// quotation mark, a backslash, a control character or not ASCII.
    private static func specialBits(of word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ ones &* 0x22
        let backslashes = word ^ ones &* 0x5C
        let below = (word &- ones &* 0x20) & ~word
        return ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | below | word)
            & tops
    }

    private mutating func skipValue(depth: Int) -> Bool {
        guard position < bytes.count, depth <= Self.maximumDepth else { return false }
        switch bytes[position] {
        case UInt8(ascii: "\""): return skipString()
        case Self.openBrace: return skipItems(UInt8(ascii: "}"), depth: depth, named: true)
        case UInt8(ascii: "["): return skipItems(UInt8(ascii: "]"), depth: depth, named: false)
        case UInt8(ascii: "n"): return skip("null")
        case UInt8(ascii: "t"): return skip("true")
        case UInt8(ascii: "f"): return skip("false")
        default: return skipNumber()
        }
    }

    private mutating func skipItems(_ end: UInt8, depth: Int, named: Bool) -> Bool {
        position += 1
        if skip(end) { return true }
        repeat {
            if named, !skipString() || !skip(UInt8(ascii: ":")) { return false }
            if !skipValue(depth: depth + 1) { return false }
        } while skip(UInt8(ascii: ","))
        return skip(end)
    }
}
