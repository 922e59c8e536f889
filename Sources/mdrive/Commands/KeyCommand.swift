import ArgumentParser
import Cryptography
import Multiwriter

/// The link of the own archive.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "The link of the archive that this drive writes.",
        usage: "mdrive DIR key [--id]",
        discussion: """
            It is public: whoever has it can follow the archive and cannot write it.

            EXAMPLES:
              mdrive alice key
              mdrive bob add "$(mdrive alice key)"
            """)

    @OptionGroup var drive: DriveArguments

    @Flag(help: "The z-base-32 form, as in pear:// addresses, instead of hexadecimal.")
    var id = false

    func run() throws {
        let drive = try drive.open(isReadOnly: true)
        defer { drive.close() }
        var output = StandardOutput()
        try output.write(line: id ? drive.link.id : drive.link.hexadecimal)
        try output.finish()
    }
}
