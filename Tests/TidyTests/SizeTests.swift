import Testing

@Suite struct SizeTests {
    static let files = Tree.files(in: ["Sources", "Tests", "Examples", "Benchmarks"])

    @Test func `no file has more than 500 lines and 95 of 100 have at most 400`() {
        let sizes = Self.files.map { (path: $0.path, lines: $0.lines.count - 1) }
        for size in sizes {
            #expect(size.lines <= 500, "\(size.path) has \(size.lines) lines")
        }
        let long = sizes.filter { $0.lines > 400 }
        #expect(long.count * 20 <= sizes.count, "over 400 lines: \(long.map(\.path))")
    }

    @Test func `no line is wider than 100 columns`() {
        for file in Self.files {
            for (number, line) in file.lines.enumerated() where line.count > 100 {
                // Raw strings hold data that cannot be broken.
                if line.contains("\"") { continue }
                Issue.record("\(file.path):\(number + 1) has \(line.count) columns")
            }
        }
    }

    @Test func `no function has more than 70 lines`() {
        for file in Self.files {
            for function in functions(of: file) where function.lines > 70 {
                Issue.record("\(file.path):\(function.start) has \(function.lines) lines")
            }
        }
    }

    /// Functions as the formatter lays them out: the closing brace stands where the line began.
    private func functions(of file: Tree.File) -> [(start: Int, lines: Int)] {
        let lines = file.lines
        var found: [(Int, Int)] = []
        for (number, line) in lines.enumerated() {
            let body = line.drop { $0 == " " }
            guard isFunction(body) else { continue }
            let closing = String(repeating: " ", count: line.count - body.count) + "}"
            let end = lines[number...].dropFirst().firstIndex {
                $0 == closing || $0.hasPrefix(closing + " ") || $0.hasPrefix(closing + ")")
            }
            if let end, !lines[number].hasSuffix("}") {
                found.append((number + 1, end - number + 1))
            }
        }
        return found
    }

    private func isFunction(_ line: Substring) -> Bool {
        let words = line.split(separator: " ").prefix(6).map { word in
            word.prefix { $0.isLetter || $0 == "@" }
        }
        guard let position = words.firstIndex(where: { ["func", "init", "deinit"].contains($0) })
        else { return false }
        let modifiers: Set<Substring> = [
            "public", "package", "private", "internal", "static", "mutating", "final", "override",
            "borrowing", "consuming", "nonisolated", "convenience", "required", "@inlinable",
            "@discardableResult", "@inline", "@Test", "@concurrent", "@usableFromInline",
        ]
        return words[..<position].allSatisfy { modifiers.contains($0) }
    }
}
