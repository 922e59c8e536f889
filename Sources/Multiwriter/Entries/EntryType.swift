/// What stands at a path.
public enum EntryType: String, Sendable, Hashable, CaseIterable {
    /// Bytes.
    case file
    /// A folder that is kept for its own sake: because it is empty, or for its mode.
    case directory
    /// A pointer to another path.
    case symlink
    /// A second name of a file.
    case hardlink
    /// The statement that nothing stands here any more.
    case deletion

    /// The letter under which the type is stored.
    package var letter: String {
        switch self {
        case .file: "f"
        case .directory: "d"
        case .symlink: "s"
        case .hardlink: "h"
        case .deletion: "x"
        }
    }

    /// The type with this letter.
    package init?(letter: String) {
        guard let type = Self.allCases.first(where: { $0.letter == letter }) else { return nil }
        self = type
    }
}
