import ArgumentParser
import Cryptography
import Multiwriter

/// Follows an archive.
struct AddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Follows an archive, also one of a JavaScript Hyperdrive.",
        usage: "mdrive DIR add KEY …",
        discussion: """
            The archive arrives with the next sync with anybody who has it. Drives that sync tell \
            each other the archives they know, so this is only needed for others.

            EXAMPLES:
              mdrive bob add "$(mdrive alice key)"
              mdrive bob add pear://o6cdu7…/
            """)

    @OptionGroup var drive: DriveArguments

    @Argument(
        help: ArgumentHelp(
            "Links of 64 hexadecimal digits, ids of 52 characters, or pear:// addresses.",
            valueName: "key"))
    var keys: [String]

    func run() throws {
        var links: [FeedKey] = []
        for key in keys { links.append(try FeedKey(link: key)) }
        let drive = try drive.open()
        defer { drive.close() }
        _ = try drive.addNow(links)
    }
}
