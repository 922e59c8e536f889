import Archives
public import Cryptography

/// The latest entry of a name in one archive.
public struct EntryReference: Sendable, Hashable {
    /// The name, as it was given or as a path.
    public var name: String
    /// The archive.
    public var link: FeedKey

    /// Makes a reference.
    public init(name: String, link: FeedKey) {
        self.name = name
        self.link = link
    }

    /// Reads a printed row, or an object that has at least a name and a link.
    public init(parsing text: String) throws(DriveError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: Array(text.utf8))
        } catch {
            throw DriveError(.badReference, "what was given is not JSON", cause: error)
        }
        guard let object = value.object, let name = object["name"]?.string,
            let link = object["link"]?.string
        else {
            throw DriveError(
                .badReference, #"an object like {"name":"…","link":"…"} is needed"#)
        }
        self.init(name: name, link: try FeedKey(link: link))
    }
}

extension FeedKey {
    /// Reads the link of an archive: hexadecimal, z-base-32 or a `pear://` address.
    public init(link text: String) throws(DriveError) {
        do throws(KeyParsingError) {
            self = try FeedKey(parsing: text)
        } catch {
            throw DriveError(.badLink, "'\(text.prefix(80))' is not a link", cause: error)
        }
    }
}

extension DriveError {
    /// Says that an archive has nothing of a name.
    public static func unknown(_ reference: EntryReference) -> DriveError {
        DriveError(
            .unknownName,
            "the archive \(reference.link.hexadecimal.prefix(8))… has no '\(reference.name)'")
    }
}
