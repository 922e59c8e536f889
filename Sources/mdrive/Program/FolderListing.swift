import Multiwriter

/// Prints what stands in a folder, or at a path.
struct FolderListing {
    let folder: DriveFolder
    var path = ""
    var style = Listing.Style.short
    var isRecursive = false

    func run() throws {
        let drive = try folder.open(isReadOnly: true)
        defer { drive.close() }
        let path = try DrivePath(folder: path)
        var output = StandardOutput()
        let listing = Listing(style: style, isForTerminal: output.isTerminal)
        var inventory = ContentInventory(of: drive)
        let presence = { (version: Version) -> ContentPresence? in
            // Who claims content that cannot be is named by who reads it.
            try? drive.readNow { try inventory.presence(of: version, in: $0) }
        }
        if !path.isRoot {
            guard let entry = try drive.entryNow(at: path.name) else {
                throw DriveError(.unknownName, "nothing stands at '\(path.name)'")
            }
            if entry.type != .directory {
                try output.write(lines: listing.lines(for: entry, presence: presence))
                guard entry.isAlsoFolder else { return try output.finish() }
            }
        }
        let problems: [ViewProblem]
        let lines = { (entry: ViewEntry) in listing.lines(for: entry, presence: presence) }
        if listing.style != .short {
            var options = ViewOptions()
            options.isRecursive = isRecursive
            problems = try drive.forEachEntry(in: path.name, options: options) { entry in
                try output.write(lines: lines(entry))
            }
        } else if listing.isForTerminal {
            problems = try drive.forEachPath(in: path.name, isRecursive: isRecursive) { listed in
                switch listed {
                case .plain(let path, let isFolder):
                    try output.write(line: listing.line(for: path, isFolder))
                case .entry(let entry): try output.write(lines: lines(entry))
                }
            }
        } else {
            problems = try drive.forEachLine(in: path.name, isRecursive: isRecursive) { listed in
                switch listed {
                case .plain(let text): try output.write(text)
                case .entry(let entry): try output.write(lines: lines(entry))
                }
            }
        }
        try output.finish()
        try problems.report()
    }
}
