import Archives
import Feeds
import Testing

extension ArchiveChecks {
    func checkListings(in snapshot: borrowing StoreSnapshot) throws {
        for list in vector["lists"]?.items ?? [] {
            list.expectFields(["folder", "opts", "result"], name)
            let options = list["opts"] ?? .null
            options.expectFields(["recursive", "ignore", "reverse", "limit"], name)
            let folder = list["folder"]?.text ?? ""
            let comment: Comment = "\(name): \(folder) \(options)"
            let expected = (list["result"]?.items ?? []).map(\.text)
            if options["recursive"]?.bool == false {
                try checkFolder(folder, options, expected, comment, in: snapshot)
            } else {
                try checkList(folder, options, expected, comment, in: snapshot)
            }
        }
        for query in vector["readdirs"]?.items ?? [] {
            query.expectFields(["folder", "result"], name)
            let folder = query["folder"]?.text ?? ""
            let expected = (query["result"]?.items ?? []).map(\.text)
            let recorded = try recordedChildren(of: folder, ignoring: [], in: snapshot)
            #expect(recorded.map(\.name) == expected, "\(name): \(folder)")
            let children = try archive.readFolder(folder, snapshot)
            #expect(
                children.map(\.name) == (try properNames(in: folder, snapshot)),
                "\(name): \(folder)")
            if !hasQuirk(recorded.map(\.name), children.map(\.name)) {
                #expect(children.map(\.name) == expected, "\(name): \(folder)")
            }
        }
    }

    private func checkList(
        _ folder: String, _ options: JSONValue, _ expected: [String], _ comment: Comment,
        in snapshot: borrowing StoreSnapshot
    ) throws {
        let limit = options.listLimit
        let found = try archive.list(
            folder, ignoring: options.ignoredPaths(), reversed: options["reverse"]?.bool ?? false,
            limit: limit, snapshot
        ).map(\.path.string)
        guard limit != nil, options["ignore"] != nil else {
            return #expect(found == expected, comment)
        }
        // Deliberately different: JavaScript counts ignored entries towards the limit, here only
        // entries that are given out count.
        #expect(found.starts(with: expected), comment)
    }

    private func checkFolder(
        _ folder: String, _ options: JSONValue, _ expected: [String], _ comment: Comment,
        in snapshot: borrowing StoreSnapshot
    ) throws {
        let ignored = try options.ignoredPaths()
        let recorded = try recordedChildren(of: folder, ignoring: ignored, in: snapshot)
        #expect(recorded.map(\.path) == expected, comment)
        let children = try archive.readFolder(
            folder, ignoring: ignored, limit: options.listLimit, snapshot)
        guard !hasQuirk(recorded.map(\.name), children.map(\.name)) else { return }
        // Deliberately different: without recursion, JavaScript takes no notice of a limit.
        let count = options.listLimit ?? expected.count
        #expect(children.map(\.entry.path.string) == Array(expected.prefix(count)), comment)
    }

    // Deliberately different, `odd-names`: JavaScript passes over a file `x0` after a folder `x`,
    // and gives out `x` twice if there is a file `x`, something like `x.txt`, and a folder `x`.
    // Where that happens the recorded result is checked against a model of its rule alone.
    private func hasQuirk(_ recorded: [String], _ own: [String]) -> Bool {
        Set(recorded).count != recorded.count || Set(recorded) != Set(own)
    }

    /// Each name once, in the order in which the names first come.
    private func properNames(
        in folder: String, _ snapshot: borrowing StoreSnapshot
    ) throws -> [String] {
        let folder = try ArchivePath.folder(folder)
        var names: [String] = []
        for entry in try archive.list(folder.string, snapshot) {
            let start = folder.isRoot ? 1 : folder.string.utf8.count + 1
            let rest = entry.path.string.utf8.dropFirst(start)
            let name = String(Substring(rest.prefix { $0 != UInt8(ascii: "/") }))
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// What the lookups that JavaScript does one after the other give.
    private func recordedChildren(
        of folder: String, ignoring ignored: [ArchivePath], in snapshot: borrowing StoreSnapshot
    ) throws -> [(name: String, path: String)] {
        let path = try ArchivePath.folder(folder)
        let prefix = path.isRoot ? "" : path.string
        let end = ArchiveKeys.files(below: path).upper
        var found: [(name: String, path: String)] = []
        var last = ""
        var start = prefix + "/"
        while true {
            let key = Array("files\0".utf8) + Array(start.utf8)
            var entries = try archive.index.entries(
                in: IndexRange(from: .excluded(key), to: end), of: snapshot)
            guard let entry = try entries.next(in: snapshot) else { return found }
            let path = String(decoding: entry.key.dropFirst(6), as: UTF8.self)
            let suffix = path.utf8.dropFirst(prefix.utf8.count + 1)
            let slash = suffix.firstIndex(of: UInt8(ascii: "/"))
            let name = String(Substring(suffix[..<(slash ?? suffix.endIndex)]))
            start = prefix + "/" + name + (slash == nil ? "" : "0")
            guard name != last else { continue }
            last = name
            let resolved = try ArchivePath(path)
            if ignored.contains(where: { resolved == $0 || resolved.isInside($0) }) { continue }
            found.append((name, path))
        }
    }

    func checkVersions(in snapshot: borrowing StoreSnapshot) throws {
        for checkout in vector["checkouts"]?.items ?? [] {
            checkout.expectFields(["version", "reportedVersion", "result"], name)
            let past = archive.checkout(checkout["version"]?.number ?? 0)
            #expect(
                try past.version(in: snapshot) == checkout["reportedVersion"]?.number, name)
            expect(try past.list("/", snapshot), checkout["result"] ?? .null)
        }
        for diff in vector["diffs"]?.items ?? [] {
            diff.expectFields(["left", "right", "folder", "result"], name)
            var iterator = try archive.checkout(diff["left"]?.number ?? 0).differences(
                from: diff["right"]?.number ?? 0, below: .folder(diff["folder"]?.text ?? "/"),
                in: snapshot)
            var found: [ArchiveDifference] = []
            while let difference = try iterator.next(in: snapshot) { found.append(difference) }
            let rows = diff["result"]?.items ?? []
            #expect(found.count == rows.count, name)
            for (difference, row) in zip(found, rows) {
                row.expectFields(["left", "right"], name)
                #expect((difference.left == nil) == (row.optional("left") == nil), name)
                #expect((difference.right == nil) == (row.optional("right") == nil), name)
                expect(
                    [difference.left, difference.right].compactMap(\.self),
                    .array([row.optional("left"), row.optional("right")].compactMap(\.self)))
            }
        }
        for row in vector["contentLengthAtVersion"]?.items ?? [] {
            row.expectFields(["version", "contentLength"], name)
            let past = archive.checkout(row["version"]?.number ?? 0)
            #expect(
                try past.contentLength(in: snapshot) == row["contentLength"]?.number, name)
        }
    }

    private func expect(_ entries: [ArchiveEntry], _ rows: JSONValue) {
        #expect(entries.map(\.seq) == rows.items.map { $0["seq"]?.number ?? 0 }, name)
        #expect(entries.map(\.path.string) == rows.items.map { $0["key"]?.text ?? "" }, name)
    }
}

extension JSONValue {
    fileprivate var listLimit: Int? {
        guard let limit = self["limit"]?.int64, limit >= 0 else { return nil }
        return Int(limit)
    }

    fileprivate func ignoredPaths() throws -> [ArchivePath] {
        guard let ignored = optional("ignore") else { return [] }
        return try (ignored.array ?? [ignored]).map { try ArchivePath.folder($0.text) }
    }
}
