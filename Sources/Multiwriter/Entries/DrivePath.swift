/// A place in the drive, in the one form that every Hyperdrive reads back: `/a/b`, or `/` for all.
///
/// Paths are bytes: two names that look alike but are encoded differently stay two files, although
/// Swift's strings would call them equal.
public struct DrivePath: Hashable, Sendable {
    /// UTF-8, with the leading slash.
    public let bytes: [UInt8]

    /// The folder that holds everything.
    public static let root = DrivePath(unchecked: [UInt8(ascii: "/")])

    package init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// Makes the path of a file, or refuses a name that leads nowhere.
    ///
    /// Empty pieces and `.` are skipped, `..` goes up. A backslash, which JavaScript takes for a
    /// slash, is stored as U+FF3C.
    public init(naming name: String) throws(DriveError) {
        try self.init(folder: name)
        guard bytes.count > 1 else {
            throw DriveError(.badName, "'\(name)' is not the name of a file")
        }
    }

    /// Makes the path of a folder, which may be the root.
    public init(folder name: String) throws(DriveError) {
        let pieces = try Self.pieces(of: name)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count + 1)
        for piece in pieces {
            bytes.append(UInt8(ascii: "/"))
            for byte in piece {
                if byte == UInt8(ascii: "\\") {
                    bytes += Self.storedBackslash
                } else {
                    bytes.append(byte)
                }
            }
        }
        if bytes.isEmpty { bytes = Self.root.bytes }
        guard bytes.count <= DriveLimits.maximumPathByteCount else {
            throw DriveError(
                .badName, "a path has at most \(DriveLimits.maximumPathByteCount) bytes")
        }
        self.bytes = bytes
    }

    /// Accepts a path as it stands in an index, if it is one that can be read back.
    public init?(stored: some Collection<UInt8>) {
        let bytes = Array(stored)
        guard bytes.withUnsafeBytes({ Self.isStorable($0) }) else { return nil }
        self.bytes = bytes
    }

    /// Whether bytes of an index are a path that can be read back.
    ///
    /// Up to `pieceStart`, where a name begins, that is known.
    static func isStorable(_ bytes: UnsafeRawBufferPointer, pieceStart: Int = 1) -> Bool {
        let slash = UInt8(ascii: "/")
        guard bytes.count > 1, bytes[0] == slash,
            bytes.count <= DriveLimits.maximumPathByteCount
        else { return false }
        var isText = true
        // Where the piece begins that is being looked at, and whether it is only dots so far.
        var start = pieceStart
        var isDots = true
        for position in pieceStart...bytes.count {
            let byte = position < bytes.count ? bytes[position] : slash
            if byte == slash {
                let count = position - start
                if count == 0 || isDots && count <= 2 { return false }
                start = position + 1
                isDots = true
                continue
            }
            if byte == UInt8(ascii: "\\") { return false }
            if byte != UInt8(ascii: ".") { isDots = false }
            if byte >= 0x80 { isText = false }
        }
        return isText || String(validating: UnsafeRawBufferPointer(bytes), as: UTF8.self) != nil
    }

    private static let storedBackslash: [UInt8] = [0xEF, 0xBC, 0xBC]

    /// The names between the slashes, after `.` and `..` were resolved.
    package static func pieces(of name: String) throws(DriveError) -> [Substring.UTF8View] {
        var pieces: [Substring.UTF8View] = []
        for piece in name.utf8.split(separator: UInt8(ascii: "/")) {
            if piece.elementsEqual(".".utf8) { continue }
            guard piece.elementsEqual("..".utf8) else {
                pieces.append(piece)
                continue
            }
            guard pieces.popLast() != nil else {
                throw DriveError(.badName, "'\(name)' leads out of the drive")
            }
        }
        return pieces
    }
}

extension DrivePath {
    /// The path as text.
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    /// The path as text, without the leading slash.
    public var name: String { String(decoding: bytes.dropFirst(), as: UTF8.self) }

    /// True for the folder that holds everything.
    public var isRoot: Bool { bytes.count == 1 }

    /// The folder around this place; the root is its own.
    public var parent: DrivePath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return .root }
        return DrivePath(unchecked: Array(bytes[..<slash]))
    }

    /// What comes after the last slash.
    public var lastPiece: String {
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return String(decoding: bytes[start...], as: UTF8.self)
    }

    /// True if the other place is somewhere below this one.
    public func contains(_ other: DrivePath) -> Bool {
        if isRoot { return !other.isRoot }
        return other.bytes.count > bytes.count + 1 && other.bytes[bytes.count] == UInt8(ascii: "/")
            && other.bytes.starts(with: bytes)
    }

    /// The bytes that all paths below this one begin with.
    package var folderPrefix: [UInt8] { isRoot ? bytes : bytes + [UInt8(ascii: "/")] }
}

extension DrivePath: Comparable, CustomStringConvertible {
    /// Compares byte by byte.
    public static func < (left: DrivePath, right: DrivePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// The path as text.
    public var description: String { string }
}
