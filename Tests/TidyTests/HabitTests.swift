import Testing

@Suite struct HabitTests {
    /// A word that the sources do without, what to do in its place, and where it may stand.
    struct Banned: Sendable {
        let word: String
        let remedy: String
        var exceptIn: [String] = []
    }

    static let banned = [
        Banned(word: " Task {", remedy: "structured concurrency", exceptIn: ["mdrive"]),
        Banned(word: "Task.detached", remedy: "structured concurrency"),
        Banned(word: "try!", remedy: "handle the error"),
        Banned(word: "fatalError", remedy: "precondition with a sentence, or throw"),
        Banned(word: " print(", remedy: "a logger, or a value returned", exceptIn: ["mdrive"]),
        Banned(word: "TO" + "DO", remedy: "an issue, or do it"),
        Banned(word: "FIX" + "ME", remedy: "an issue, or fix it"),
        Banned(word: "unsafeFlags", remedy: "nothing: it keeps others from using the package"),
        Banned(word: "-Ounchecked", remedy: "nothing: it is unsafe"),
    ]

    /// Type names that say nothing.
    static let empty = ["Manager", "Helper", "Util", "Utils", "Info"]

    @Test(arguments: banned.map(\.word))
    func `the sources do without`(word: String) throws {
        let rule = try #require(Self.banned.first { $0.word == word })
        for file in Tree.files(in: ["Sources"]) where !rule.exceptIn.contains(file.target) {
            for (number, line) in file.lines.enumerated() where line.contains(word) {
                Issue.record("\(file.path):\(number + 1) has '\(word)': \(rule.remedy)")
            }
        }
    }

    @Test func `type names say what the type is`() {
        for file in Tree.files(in: ["Sources"]) {
            for (number, line) in file.lines.enumerated() {
                let words = line.split { !$0.isLetter && !$0.isNumber }
                for (kind, name) in zip(words, words.dropFirst())
                where ["struct", "class", "enum", "actor", "protocol"].contains(kind) {
                    for suffix in Self.empty where name.hasSuffix(suffix) {
                        Issue.record("\(file.path):\(number + 1) names a type \(name)")
                    }
                }
            }
        }
    }

    @Test func `unchecked concurrency stands only where C demands it, with its reason`() {
        let allowed: Set<String> = ["LMDB", "Cryptography", "SecretStream", "DriveNetworking"]
        for file in Tree.files(in: ["Sources"]) {
            let lines = file.lines
            for (number, line) in lines.enumerated()
            where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                #expect(allowed.contains(file.target), "\(file.path):\(number + 1)")
                let before = lines[max(0, number - 6)..<number].contains { $0.contains("//") }
                #expect(before, "\(file.path):\(number + 1) does not say why it is safe")
            }
        }
    }

    @Test func `paths have no spaces`() {
        for path in Tree.paths(in: ["Sources", "Tests", "docs", "Examples"]) {
            #expect(!path.contains(" "), "\(path)")
        }
    }

    @Test func `every page of the documentation is linked from its map`() throws {
        let map = try #require(
            Tree.files(in: ["docs"], endings: ["md"]).first { $0.path == "docs/README.md" })
        for page in Tree.paths(in: ["docs"]) where page.hasSuffix(".md") && page != map.path {
            let relative = page.dropFirst("docs/".count)
            #expect(map.text.contains("(\(relative))"), "\(page) is not linked from the map")
        }
    }

    @Test func `relative links of the documentation lead somewhere`() {
        let pages = Tree.files(in: ["docs", "Benchmarks"], endings: ["md"])
        let known = Set(Tree.paths(in: ["docs", "Benchmarks", "Sources", "Tests", "Examples"]))
        for page in pages {
            for link in page.text.split(separator: "](").dropFirst() {
                let target = link.prefix { $0 != ")" && $0 != "#" }
                guard !target.isEmpty, !target.contains("://"), !target.contains(" ") else {
                    continue
                }
                var parts = page.path.split(separator: "/").dropLast().map(String.init)
                for part in target.split(separator: "/") {
                    if part == ".." {
                        _ = parts.popLast()
                    } else if part != "." {
                        parts.append(String(part))
                    }
                }
                let path = parts.joined(separator: "/")
                let exists = known.contains(path) || parts.count == 1
                #expect(exists, "\(page.path) links to \(path)")
            }
        }
    }

    @Test func `a test file is named after what it tests`() {
        let sources = Set(Tree.files(in: ["Sources"]).map(\.name))
        let kinds = [
            "Vector", "Model", "Simulation", "Hostile", "EndToEnd", "Scenario", "Mutation",
        ]
        for file in Tree.files(in: ["Tests"]) where file.name.hasSuffix("Tests.swift") {
            if file.target == "TidyTests" || file.target == "mdriveTests" { continue }
            let subject = file.name.dropLast("Tests.swift".count)
            if kinds.contains(where: { subject.contains($0) }) { continue }
            let plain = subject.replacing("+", with: "")
            let exists = sources.contains { source in
                let name = source.dropLast(".swift".count)
                return name == subject || name.replacing("+", with: "") == plain
            }
            #expect(exists, "\(file.path) has no source file \(subject).swift")
        }
    }
}
