import ArgumentParser

/// The words of the command line, brought into the order in which the parser expects them.
///
/// People write `mdrive DIR COMMAND …`; the parser wants the command first and is handed the folder
/// as a hidden option.
struct Invocation {
    /// What the parser is given.
    let arguments: [String]

    /// A command line that names no command or no folder.
    enum Mistake: Error, Equatable {
        case nothing
        case folderMissing(command: String)
        case commandMissing(folder: String)
        case wrongOrder(command: String, next: String)
        case unknownCommand(String)
    }

    init(_ words: [String]) throws(Mistake) {
        var words = words[...]
        if words.first == "--" {
            words = words.dropFirst()
        } else if let first = words.first, first.hasPrefix("-") {
            arguments = Array(words)
            return
        } else if words.first == "help", words.dropFirst().allSatisfy(Self.isCommand),
            words.count <= 2
        {
            arguments = words.dropFirst() + ["--help"]
            return
        }
        guard let folder = words.first else { throw .nothing }
        guard let command = words.dropFirst().first else {
            throw Self.isCommand(folder)
                ? .folderMissing(command: folder) : .commandMissing(folder: folder)
        }
        if folder.isEmpty {
            throw .folderMissing(command: Self.isCommand(command) ? command : "COMMAND")
        } else if Self.isCommand(command) {
            arguments = [command, "--\(DriveArguments.optionName)=\(folder)"] + words.dropFirst(2)
        } else if ["-h", "--help", "help"].contains(command) {
            arguments = Self.isCommand(folder) ? [folder, "--help"] : ["--help"]
        } else if command == "--version" {
            arguments = [command]
        } else if Self.isCommand(folder) {
            throw .wrongOrder(command: folder, next: command)
        } else {
            throw .unknownCommand(command)
        }
    }

    private static func isCommand(_ word: String) -> Bool {
        Mdrive.command(named: word) != nil
    }
}

extension Invocation.Mistake: CustomStringConvertible {
    var description: String {
        let (problem, usage) =
            switch self {
            case .nothing: ("a folder and a command are missing", "mdrive DIR COMMAND …")
            case .folderMissing(let command):
                ("the folder of the drive is missing", "mdrive DIR \(command) …")
            case .commandMissing(let folder):
                ("the command is missing", "mdrive \(folder) COMMAND …")
            case .wrongOrder(let command, _):
                ("the folder of the drive comes first", "mdrive DIR \(command) …")
            case .unknownCommand(let command):
                ("'\(command)' is no command", "mdrive DIR COMMAND …")
            }
        return "\(problem)\nUsage: \(usage)\n  See 'mdrive --help' for the commands."
    }
}
