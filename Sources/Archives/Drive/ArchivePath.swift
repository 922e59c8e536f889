/// Why a text is not the path of a file in an archive.
public enum ArchivePathError: Error, Equatable, Sendable {
    /// The path goes above the root.
    case aboveRoot
    /// Nothing is left that could be the name of a file.
    case noName
}

extension ArchivePathError: CustomStringConvertible {
    /// One sentence for a person, the same that JavaScript gives.
    public var description: String {
        switch self {
        case .aboveRoot: "Path cannot be resolved, too many '..'"
        case .noName: "Invalid filename: /"
        }
    }
}

/// The path of a file or folder in an archive: a slash and names, joined by slashes.
///
/// Paths are compared and ordered by their bytes; nothing is folded or normalised in Unicode.
public struct ArchivePath: Sendable {
    /// The path as text, beginning with a slash.
    public let string: String

    /// The root folder.
    public static let root = ArchivePath(normalized: "/")

    /// Resolves a text to the path of a file.
    public init(_ text: String) throws(ArchivePathError) {
        self = try ArchivePath.root.resolving(text)
        guard !isRoot else { throw .noName }
    }

    /// Resolves a text to the path of a folder, which may be the root.
    public static func folder(_ text: String) throws(ArchivePathError) -> ArchivePath {
        try root.resolving(text)
    }

    /// Takes the bytes of an index key; `nil` unless they are a path that a writer would make.
    public init?(normalizedBytes bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 1, bytes[0] == UInt8(ascii: "/") else { return nil }
        var start = 1
        for position in 1...bytes.count {
            let isEnd = position == bytes.count
            if !isEnd, bytes[position] == UInt8(ascii: "\\") { return nil }
            guard isEnd || bytes[position] == UInt8(ascii: "/") else { continue }
            let name = bytes[start..<position]
            let isDots = name.count <= 2 && name.allSatisfy { $0 == UInt8(ascii: ".") }
            // A name of no bytes counts as dots as well.
            guard !isDots else { return nil }
            start = position + 1
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        string = text
    }

    private init(normalized: String) { string = normalized }

    /// Whether this is the root folder.
    public var isRoot: Bool { string.utf8.count == 1 }

    /// The last name, empty for the root.
    public var name: String {
        guard let slash = string.utf8.lastIndex(of: UInt8(ascii: "/")) else { return string }
        return String(string[string.utf8.index(after: slash)...])
    }

    /// The folder that this is in; the root is in itself.
    public var parent: ArchivePath {
        guard let slash = string.utf8.lastIndex(of: UInt8(ascii: "/")),
            slash != string.startIndex
        else { return .root }
        return ArchivePath(normalized: String(string[..<slash]))
    }

    /// Whether this lies below a folder.
    public func isInside(_ folder: ArchivePath) -> Bool {
        if folder.isRoot { return !isRoot }
        let prefix = folder.string.utf8
        guard string.utf8.count > prefix.count, string.utf8.starts(with: prefix) else {
            return false
        }
        return string.utf8.dropFirst(prefix.count).first == UInt8(ascii: "/")
    }

    /// Resolves a text against this path as a folder.
    ///
    /// The target of a symbolic link is resolved against the link's own path in this way.
    public func resolving(_ text: String) throws(ArchivePathError) -> ArchivePath {
        let (isAbsolute, names) = Self.split(text)
        var path = isAbsolute ? [] : Array(string.utf8.dropFirst(isRoot ? 1 : 0))
        for name in names where !name.isEmpty && name != "." {
            if name == ".." {
                guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else {
                    throw .aboveRoot
                }
                path.removeSubrange(slash...)
            } else {
                path.append(UInt8(ascii: "/"))
                path.append(contentsOf: name.utf8)
            }
        }
        guard !path.isEmpty else { return .root }
        return ArchivePath(normalized: String(decoding: path, as: UTF8.self))
    }

    /// The child of this folder that is a path or that the path lies in.
    func child(towards path: ArchivePath) -> ArchivePath? {
        guard path.isInside(self) else { return nil }
        let start = string.utf8.count + (isRoot ? 0 : 1)
        let rest = path.string.utf8.dropFirst(start)
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return path }
        return ArchivePath(normalized: String(path.string[..<slash]))
    }

    /// Splits at both kinds of slashes and takes a drive letter or a scheme off the front.
    private static func split(_ text: String) -> (isAbsolute: Bool, names: ArraySlice<Substring>) {
        let names = text.unicodeScalars.split(omittingEmptySubsequences: false) {
            $0 == "/" || $0 == "\\"
        }.map { Substring($0) }
        if names.count > 1, names[0].unicodeScalars.last == ":" {
            let isShort = names[0].utf16.count == 2 || names[0] == "file:"
            return (true, names.dropFirst(isShort ? 1 : 3))
        }
        let first = text.unicodeScalars.first
        return (first == "/" || first == "\\", names[...])
    }
}

extension ArchivePath: Hashable, Comparable {
    /// Compares bytes.
    public static func == (left: ArchivePath, right: ArchivePath) -> Bool {
        left.string.hasSameBytes(as: right.string)
    }

    /// Orders by bytes.
    public static func < (left: ArchivePath, right: ArchivePath) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) { string.hashBytes(into: &hasher) }
}

extension ArchivePath: CustomStringConvertible {
    /// The path as text.
    public var description: String { string }
}
