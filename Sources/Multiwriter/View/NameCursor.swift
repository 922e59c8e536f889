import Archives
import Feeds

/// Walks the paths of one kind of entries of one archive, and tells which of them are plain.
struct NameCursor {
    let kind: EntryKey
    private var iterator: IndexIterator
    /// The path as it stands in the key; its memory is used again.
    private(set) var path: [UInt8] = []
    /// Whether the path can be read back and the value is one that raises no question.
    private(set) var isPlain = false
    private(set) var isAtEnd = false
    /// Up to here the path is one that can be read back, and the last slash is just before.
    private var pieceStart = 1
    private var model = PlainModel()

    init(_ kind: EntryKey, _ iterator: IndexIterator) {
        self.kind = kind
        self.iterator = iterator
    }

    mutating func advance(in snapshot: borrowing StoreSnapshot) throws {
        isPlain = false
        let kind = kind
        let isThere = try iterator.visitNext(in: snapshot) { _, key, value in
            let stored = UnsafeRawBufferPointer(rebasing: key[kind.prefixCount...])
            isPlain = Self.isPlain(stored, value, kind)
            path.assign(stored)
        }
        pieceStart = 1
        isAtEnd = !isThere
        if isAtEnd { path = [] }
    }

    private static func isPlain(
        _ path: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?, _ kind: EntryKey
    ) -> Bool {
        guard let value, DrivePath.isStorable(path) else { return false }
        return kind == .file ? PlainValue.isFile(value) : PlainValue.isObject(value)
    }

    /// Goes past the path, which is that of a plain file, and past those that follow, as long as
    /// they are plain as well, nothing comes below them, and they stand before the next path of
    /// another kind; adds them to a page until that is full.
    ///
    /// What cannot be read is left to `advance`.
    mutating func passPlainFiles(
        before bound: [UInt8]?, to page: inout NamePage, in snapshot: borrowing StoreSnapshot
    ) {
        guard kind == .file, isPlain, Self.comes(path, before: bound) else { return }
        let prefixCount = kind.prefixCount
        // True if the bound lies outside of the folder of the path, and so behind all of it.
        var isBoundOutside = false
        _ = try? iterator.visit(in: snapshot) { _, key, value in
            let next = UnsafeRawBufferPointer(rebasing: key[prefixCount...])
            let isBeside: Bool? = path.withUnsafeBytes { path in
                guard !Self.mayLie(next, below: path) else { return nil }
                page.append(path, isFolder: false)
                return Self.begins(next, with: path, upTo: pieceStart)
            }
            guard let isBeside else { return .leave }
            // What is in the same folder need be looked at from there on only.
            if !isBeside {
                pieceStart = 1
                isBoundOutside = false
            }
            isPlain =
                DrivePath.isStorable(next, pieceStart: pieceStart)
                && (value.map { model.isLike($0) || model.take($0) } ?? false)
            path.assign(next)
            if pieceStart == 1, isPlain { pieceStart = Self.lastPieceStart(of: next) }
            guard isPlain else { return .stop }
            if !isBoundOutside {
                guard Self.comes(path, before: bound) else { return .stop }
                isBoundOutside = !Self.begins(bound, with: path, upTo: pieceStart)
            }
            return page.count < DriveLimits.pageCount ? .next : .stop
        }
    }

    /// True if the next path of another kind is neither this one nor below it.
    private static func comes(_ path: [UInt8], before bound: [UInt8]?) -> Bool {
        guard let bound else { return true }
        return KeyOrder.compare(path, bound) < 0
            && !bound.withUnsafeBytes { mayLie($0, below: path) }
    }

    private static func begins(_ next: [UInt8]?, with path: [UInt8], upTo count: Int) -> Bool {
        guard let next else { return false }
        return next.withUnsafeBytes { next in
            path.withUnsafeBytes { begins(next, with: $0, upTo: count) }
        }
    }

    private static func begins(
        _ next: UnsafeRawBufferPointer, with path: UnsafeRawBufferPointer, upTo count: Int
    ) -> Bool {
        guard next.count > count, path.count > count else { return false }
        return KeyOrder.compare(
            UnsafeRawBufferPointer(rebasing: path[..<count]),
            UnsafeRawBufferPointer(rebasing: next[..<count])) == 0
    }

    private static func lastPieceStart(of path: UnsafeRawBufferPointer) -> Int {
        (path.lastIndex(of: UInt8(ascii: "/")) ?? 0) + 1
    }

    /// False if it is certain that neither a path nor any later one lies below an earlier one.
    static func mayLie(_ next: UnsafeRawBufferPointer, below path: [UInt8]) -> Bool {
        path.withUnsafeBytes { mayLie(next, below: $0) }
    }

    private static func mayLie(
        _ next: UnsafeRawBufferPointer, below path: UnsafeRawBufferPointer
    ) -> Bool {
        guard next.count > path.count, next[path.count] <= UInt8(ascii: "/") else { return false }
        return KeyOrder.compare(path, UnsafeRawBufferPointer(rebasing: next[..<path.count])) == 0
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
        var hash: Range<Int>?
        return isFile(bytes, hash: &hash)
    }

    /// The same, and where the hash is if the metadata is as this project writes it.
    static func isFile(_ bytes: UnsafeRawBufferPointer, hash: inout Range<Int>?) -> Bool {
        guard bytes.count <= ArchiveLimits.maximumJSONByteCount else { return false }
        var value = PlainValue(bytes)
        guard
            value.skip("{\"executable\":false,\"linkname\":null,\"blob\":{\"blockOffset\":")
                || value.skip(
                    "{\"executable\":true,\"linkname\":null,\"blob\":{\"blockOffset\":"),
            value.skipNumber(),
            value.skip(",\"byteOffset\":"), value.skipNumber(),
            value.skip(",\"blockLength\":"), value.skipNumber(),
            value.skip(",\"byteLength\":"), value.skipNumber(),
            value.skip("},\"metadata\":"),
            value.skipOwnMetadata(&hash) || value.skipValue(depth: 0), value.skip("}")
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

    @inline(__always)
    private mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        let expected = UnsafeRawBufferPointer(start: text.utf8Start, count: count)
        // A text of eight bytes or more is compared by words, of which the last may overlap.
        var place = 0
        while place + 8 <= count {
            guard isSame(expected, at: place, as: UInt64.self) else { return false }
            place += 8
        }
        if place < count, count >= 8 {
            guard isSame(expected, at: count - 8, as: UInt64.self) else { return false }
        } else {
            while place < count {
                guard isSame(expected, at: place, as: UInt8.self) else { return false }
                place += 1
            }
        }
        position += count
        return true
    }

    @inline(__always)
    private func isSame<Word: FixedWidthInteger & BitwiseCopyable>(
        _ expected: UnsafeRawBufferPointer, at place: Int, as type: Word.Type
    ) -> Bool {
        expected.loadUnaligned(fromByteOffset: place, as: type)
            == bytes.loadUnaligned(fromByteOffset: position + place, as: type)
    }

    /// The metadata that this project writes for a file; goes nowhere if it is not that.
    private mutating func skipOwnMetadata(_ hash: inout Range<Int>?) -> Bool {
        var other = self
        guard other.skip("{\"mdrive\":{\"m\":"), other.skipNumber(),
            other.skip(",\"u\":   ", 5), other.skipNumber(),
            other.skip(",\"g\":   ", 5), other.skipNumber(),
            other.skip(",\"mt\":[ ", 7), other.skipNumber(), other.skip(UInt8(ascii: ",")),
            other.skipNumber(), other.skip("],\"h\":  ", 6)
        else { return false }
        let start = other.position + 1
        guard other.skipString() else { return false }
        let end = other.position - 1
        guard other.skip(UInt8(ascii: "}")), other.skip(UInt8(ascii: "}"))
        else { return false }
        self = other
        hash = start..<end
        return true
    }

    /// Skips the first bytes of a text of eight.
    @inline(__always)
    private mutating func skip(_ text: StaticString, _ count: UInt64) -> Bool {
        guard bytes.count - position >= 8 else { return false }
        let expected = UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt64.self)
        let found = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        guard UInt64(littleEndian: found ^ expected) << (64 - 8 * count) == 0 else { return false }
        position += Int(count)
        return true
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// A whole number that needs no rounding.
    @inline(__always)
    private mutating func skipNumber() -> Bool {
        let start = position
        var end = start
        while end + 8 <= bytes.count {
            let word = UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self))
            let count = Self.otherBits(of: word).trailingZeroBitCount / 8
            end += count
            if count < 8 { break }
        }
        if end + 8 > bytes.count {
            while end < bytes.count, bytes[end] &- 0x30 < 10 { end += 1 }
        }
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
    static func specialBits(of word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ ones &* 0x22
        let backslashes = word ^ ones &* 0x5C
        let below = (word &- ones &* 0x20) & ~word
        return ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | below | word)
            & tops
    }

    /// Eight bytes at once: the top bits of the bytes that are no digits.
    @inline(__always)
    static func otherBits(of word: UInt64) -> UInt64 {
        let tops: UInt64 = 0x8080_8080_8080_8080
        let values = word ^ 0x3030_3030_3030_3030
        return ((values & ~tops) &+ 0x7676_7676_7676_7676 | values) & tops
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
