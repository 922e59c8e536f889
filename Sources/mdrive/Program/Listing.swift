import Archives
import Cryptography
import Multiwriter

/// How entries of the merged view are printed.
struct Listing {
    enum Style {
        case short
        case long
        case json
    }

    let style: Style
    /// Whether characters that could do harm to a terminal are replaced.
    let isForTerminal: Bool

    /// The lines for an entry: one, or in the long style one for each version.
    ///
    /// `presence` says how much of a version's content is here; the short style does not ask.
    func lines(for entry: ViewEntry, presence: (Version) -> ContentPresence?) -> [String] {
        let lines: [String]
        switch style {
        case .json:
            return [String(decoding: Self.json(entry, presence).serialized, as: UTF8.self)]
        case .short: lines = [name(of: entry, as: entry.type) + mark(of: entry)]
        case .long: lines = long(entry, presence)
        }
        return isForTerminal ? lines.map(\.withoutControls) : lines
    }

    /// The line for a path of which nothing else is known, nor needs to be.
    func line(for path: UnsafeRawBufferPointer, _ isFolder: Bool) -> String {
        let line = String(decoding: path, as: UTF8.self) + (isFolder ? "/" : "")
        return isForTerminal ? line.withoutControls : line
    }

    private func name(of entry: ViewEntry, as type: EntryType) -> String {
        type == .directory ? entry.path.name + "/" : entry.path.name
    }

    /// What makes the entry a conflict, in brackets.
    private func mark(of entry: ViewEntry) -> String {
        var parts: [String] = []
        if entry.versions.count > 1 {
            let writers = entry.versions.map { String(Self.short($0.link)) }
            parts.append("conflict: " + writers.joined(separator: ", "))
        }
        if entry.isAlsoFolder { parts.append("conflict: also a folder") }
        if let file = entry.fileAbove { parts.append("conflict: '\(file.name)' is also a file") }
        return parts.isEmpty ? "" : "  [" + parts.joined(separator: "; ") + "]"
    }

    /// What of a content is not here, in brackets.
    private static func mark(of presence: ContentPresence?) -> String {
        guard let presence, !presence.isWhole else { return "" }
        let held = presence.blockCount - presence.missingCount
        return held == 0
            ? "  [not here]" : "  [\(held) of \(presence.blockCount) blocks here]"
    }

    private func long(
        _ entry: ViewEntry, _ presence: (Version) -> ContentPresence?
    ) -> [String] {
        guard let shown = entry.shown else {
            let columns = columns(.directory, mode: nil, byteCount: nil, time: nil, writer: nil)
            return [columns + name(of: entry, as: .directory) + mark(of: entry)]
        }
        return [line(for: shown, of: entry) + Self.mark(of: presence(shown)) + mark(of: entry)]
            + entry.versions.dropFirst().map { version in
                line(for: version, of: entry) + Self.mark(of: presence(version))
                    + "  [other version]"
            }
    }

    private func line(for version: Version, of entry: ViewEntry) -> String {
        let columns = columns(
            version.type, mode: version.mode,
            byteCount: version.type == .file ? version.byteLength : nil,
            time: version.metadata.mtime, writer: version.link)
        let target = version.linkname.map { " -> " + $0 } ?? ""
        return columns + name(of: entry, as: version.type) + target
    }

    private func columns(
        _ type: EntryType, mode: UInt32?, byteCount: UInt64?, time: Timestamp?, writer: FeedKey?
    ) -> String {
        let size = byteCount.map { "\($0)" } ?? "-"
        let padding = String(repeating: " ", count: max(0, 12 - size.utf8.count))
        let moment = time.map { LocalTime.text($0) } ?? "-               "
        let link = writer.map { String(Self.short($0)) } ?? "-       "
        return Self.mode(type, mode) + padding + size + "  " + moment + "  " + link + "  "
    }

    private static func short(_ link: FeedKey) -> Substring { link.hexadecimal.prefix(8) }

    /// Type and permissions as other programs show them; those that were not given are the usual.
    private static func mode(_ type: EntryType, _ mode: UInt32?) -> String {
        let (letter, usual): (Character, UInt32) =
            switch type {
            case .file: ("-", 0o644)
            case .directory: ("d", 0o755)
            case .symlink: ("l", 0o777)
            case .hardlink: ("h", 0o644)
            case .deletion: ("x", 0)
            }
        let bits = mode ?? usual
        var text = String(letter)
        for (position, permission) in "rwxrwxrwx".enumerated() {
            text.append(bits & (0o400 >> position) != 0 ? permission : "-")
        }
        return text
    }
}

extension Listing {
    /// An entry with the members of a row, its path, and the other versions if there are any.
    private static func json(
        _ entry: ViewEntry, _ presence: (Version) -> ContentPresence?
    ) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            (name: "path", value: .string(entry.path.string))
        ]
        if let shown = entry.shown {
            members += Self.members(of: shown, presence(shown))
        } else {
            members += [
                (name: "name", value: .string(entry.path.name)),
                (name: "type", value: .string(EntryType.directory.rawValue)),
            ]
        }
        members.append((name: "conflict", value: .bool(entry.isConflict)))
        if entry.versions.count > 1 {
            let versions = entry.versions.map { version in
                JSONValue.object(JSONObject(Self.members(of: version, presence(version))))
            }
            members.append((name: "versions", value: .array(versions)))
        }
        if entry.isAlsoFolder { members.append((name: "alsoFolder", value: .bool(true))) }
        if let file = entry.fileAbove {
            members.append((name: "fileAbove", value: .string(file.string)))
        }
        return .object(JSONObject(members))
    }

    private static func members(
        of version: Version, _ presence: ContentPresence?
    ) -> [(name: String, value: JSONValue)] {
        let metadata = version.metadata
        var members: [(name: String, value: JSONValue)] = [
            (name: "name", value: .string(version.name)),
            (name: "linkname", value: .string(version.linkname ?? "")),
            (name: "length", value: .integer(Int64(clamping: version.byteLength))),
            (name: "mode", value: .integer(Int64(version.mode ?? 0))),
            (name: "uid", value: .integer(Int64(metadata.uid ?? 0))),
            (name: "gid", value: .integer(Int64(metadata.gid ?? 0))),
            (name: "mtime", value: .integer((metadata.mtime ?? .zero).milliseconds)),
            (name: "ctime", value: .integer((metadata.ctime ?? .zero).milliseconds)),
            (name: "type", value: .string(version.type.rawValue)),
            (name: "link", value: .string(version.link.hexadecimal)),
        ]
        if version.type == .file, let presence {
            members.append((name: "held", value: .bool(presence.isWhole)))
        }
        if !version.otherLinks.isEmpty {
            let links = version.otherLinks.map { JSONValue.string($0.hexadecimal) }
            members.append((name: "otherLinks", value: .array(links)))
        }
        return members
    }
}
