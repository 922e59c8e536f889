import Archives
import Feeds

/// One line of a listing that tells no more than what stands where.
public enum ListedPath {
    /// A file, a link or a folder that nobody disputes: its path without the leading slash.
    case plain(UnsafeRawBufferPointer, isFolder: Bool)
    /// Anything else, with all that is known of it.
    case entry(ViewEntry)
}

/// A part of a listing that tells no more than what stands where.
public enum ListedLines {
    /// Paths of which nobody disputes anything: without the leading slash, folders with one at
    /// the end, each with a line feed behind.
    case plain(UnsafeRawBufferPointer)
    /// Anything else, with all that is known of it.
    case entry(ViewEntry)
}

extension Drive {
    /// Calls a function with what stands in a folder, in the order of paths, on the calling
    /// thread, and returns what could not be shown.
    ///
    /// The same as `forEachEntry`, but as long as there is one writer no entry is read further
    /// than its kind: for those who need names alone. Bytes are valid only inside the body.
    @discardableResult
    public func forEachPath(
        in folder: String = "", isRecursive: Bool = true, _ body: (ListedPath) throws -> Void
    ) throws -> [ViewProblem] {
        try forEachPage(
            in: folder, isRecursive: isRecursive, { try $0.forEachPath(body) },
            { try body(.entry($0)) })
    }

    /// The same as `forEachPath`, with many lines at once where nothing else is between them.
    @discardableResult
    public func forEachLine(
        in folder: String = "", isRecursive: Bool = true, _ body: (ListedLines) throws -> Void
    ) throws -> [ViewProblem] {
        try forEachPage(
            in: folder, isRecursive: isRecursive, { try $0.forEachLine(body) },
            { try body(.entry($0)) })
    }

    /// Calls one function with pages of names if there is one writer, else another with entries.
    private func forEachPage(
        in folder: String, isRecursive: Bool, _ visitPage: (NamePage) throws -> Void,
        _ visitEntry: (ViewEntry) throws -> Void
    ) throws -> [ViewProblem] {
        let path = try DrivePath(folder: folder)
        let sources = try readNow { snapshot in
            try self.sources(links(in: snapshot), in: snapshot)
        }
        guard sources.count == 1, sources[0].index.feed.cipher == nil else {
            var options = ViewOptions()
            options.isRecursive = isRecursive
            return try forEachEntry(in: folder, options: options, visitEntry)
        }
        var walk = NameWalk(sources[0], below: path, isRecursive: isRecursive)
        var page = NamePage()
        repeat {
            page.removeAll()
            try readNow { snapshot in walk.fill(&page, in: snapshot) }
            try visitPage(page)
        } while !walk.isAtEnd
        return walk.problems.all
    }
}

/// Some lines of a listing, told from one snapshot and handed out after it.
struct NamePage {
    private struct Line {
        let end: Int
        let isFolder: Bool
    }

    /// The lines as they are printed.
    private var text: [UInt8] = []
    private var lines: [Line] = []
    /// What is more than a line, and how many lines come before it.
    private var entries: [(lineCount: Int, entry: ViewEntry)] = []

    var count: Int { lines.count + entries.count }

    mutating func removeAll() {
        text.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// Adds a path, given with its leading slash.
    mutating func append(_ path: UnsafeRawBufferPointer, isFolder: Bool) {
        text.append(contentsOf: UnsafeRawBufferPointer(rebasing: path[1...]))
        if isFolder { text.append(UInt8(ascii: "/")) }
        text.append(UInt8(ascii: "\n"))
        lines.append(Line(end: text.count, isFolder: isFolder))
    }

    mutating func append(_ entry: ViewEntry) { entries.append((lines.count, entry)) }

    func forEachLine(_ body: (ListedLines) throws -> Void) throws {
        try forEachPart({ try body(.plain($1)) }, { try body(.entry($0)) })
    }

    func forEachPath(_ body: (ListedPath) throws -> Void) throws {
        try forEachPart(
            { range, text in
                let base = startOfLine(range.lowerBound)
                var start = 0
                for line in lines[range] {
                    // A line feed ends every line, and a slash before it every folder's.
                    let end = line.end - base
                    let path = text[start..<end - (line.isFolder ? 2 : 1)]
                    try body(
                        .plain(UnsafeRawBufferPointer(rebasing: path), isFolder: line.isFolder))
                    start = end
                }
            }, { try body(.entry($0)) })
    }

    private func startOfLine(_ number: Int) -> Int { number == 0 ? 0 : lines[number - 1].end }

    /// Visits lines with nothing in between, with their text, and what is in between.
    private func forEachPart(
        _ visitLines: (Range<Int>, UnsafeRawBufferPointer) throws -> Void,
        _ visitEntry: (ViewEntry) throws -> Void
    ) throws {
        var passed = 0
        func pass(to end: Int) throws {
            guard passed < end else { return }
            let range = passed..<end
            passed = end
            try text.withUnsafeBytes { text in
                try visitLines(
                    range,
                    UnsafeRawBufferPointer(
                        rebasing: text[
                            startOfLine(range.lowerBound)..<startOfLine(range.upperBound)]
                    ))
            }
        }
        for (lineCount, entry) in entries {
            try pass(to: lineCount)
            try visitEntry(entry)
        }
        try pass(to: lines.count)
    }
}
