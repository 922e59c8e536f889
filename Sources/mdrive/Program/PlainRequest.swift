/// A request in its commonest form, which is understood without the parser: to describe even one
/// command to it takes longer than to answer.
///
/// What is not known here is no mistake; the parser is asked then.
struct PlainRequest {
    private enum Action {
        case list(FolderListing)
        case print(path: String)
        case printRow(String)
    }

    private let folder: DriveFolder
    private let action: Action

    /// Understands the arguments that the parser would be given; `nil` if it is to be asked.
    init?(_ arguments: [String]) {
        let option = "--\(DriveArguments.optionName)="
        guard arguments.count >= 2, arguments[1].hasPrefix(option) else { return nil }
        folder = DriveFolder(name: String(arguments[1].dropFirst(option.count)))
        let words = arguments[2...]
        switch arguments[0] {
        case "ls":
            guard let listing = Self.listing(of: folder, words) else { return nil }
            action = .list(listing)
        case "cat":
            guard let word = Self.onlyWord(words) else { return nil }
            action = .print(path: word)
        case "read":
            guard let word = Self.onlyWord(words) else { return nil }
            action = .printRow(word)
        default: return nil
        }
    }

    private static func onlyWord(_ words: ArraySlice<String>) -> String? {
        guard words.count == 1, let word = words.first, !word.isEmpty, !word.hasPrefix("-")
        else { return nil }
        return word
    }

    private static func listing(
        of folder: DriveFolder, _ words: ArraySlice<String>
    ) -> FolderListing? {
        var listing = FolderListing(folder: folder)
        var isPathKnown = false
        for word in words {
            switch word {
            case "-l" where listing.style == .short: listing.style = .long
            case "-R" where !listing.isRecursive: listing.isRecursive = true
            default:
                guard !isPathKnown, !word.isEmpty, !word.hasPrefix("-") else { return nil }
                listing.path = word
                isPathKnown = true
            }
        }
        return listing
    }

    func run() async throws {
        switch action {
        case .list(let listing): try listing.run()
        case .print(let path):
            try await ContentPrinter(folder: folder, timeout: nil, name: path).printShown()
        case .printRow(let row):
            try await ContentPrinter.print(row: row, of: folder, timeout: nil)
        }
    }
}
