import Cryptography
import Feeds

@testable import Archives
@testable import Multiwriter

/// What a writer may sign that no honest one would.
enum HostileWriting: String, CaseIterable, Sendable {
    case rootIsItsOwnChild, childrenInACircle, manyLeaves, endlessDepth, keysOutOfOrder
    case nodesWithoutKeys, blocksThatAreNotThere, levelsWithoutEnd, noIndexAtAll, garbage
    case valuesThatAreNoEntries, deepValues
    case blobsBeyondTheFeed, hugeBlobs, hugeBlobMaps
    case pathsThatLeave, pathsWithControls, longPaths
    case linksThatLeave, filesBelowLinks, linksInACircle
    case vectorsOfTheFuture, longVectors, deletionsOfOthers

    /// Whether a view has something to say about it.
    ///
    /// Contents that are not there, links and vectors are seen only by who reads or writes them.
    var isProblemOfView: Bool {
        switch self {
        case .blobsBeyondTheFeed, .hugeBlobs, .hugeBlobMaps, .linksThatLeave, .filesBelowLinks,
            .linksInACircle, .vectorsOfTheFuture, .longVectors, .deletionsOfOthers, .longPaths,
            .pathsWithControls, .deepValues, .levelsWithoutEnd:
            false
        default: true
        }
    }

    /// Whether what is wrong keeps honest files of the same paths from being shown first.
    var competes: Bool { [.vectorsOfTheFuture, .deletionsOfOthers, .longVectors].contains(self) }

    func sign(by liar: Drive, against honest: FeedKey) throws {
        if let blocks { return try liar.sign(blocks: blocks) }
        try liar.sign(entries: entries(honest))
    }

    // MARK: Trees

    private var blocks: [[UInt8]]? {
        switch self {
        case .rootIsItsOwnChild:
            [Self.block("a", [([1], [])]), Self.block("b", [([2], [(2, 0), (2, 0)])])]
        case .childrenInACircle:
            [
                Self.block("a", [([1], [])]),
                Self.block("b", [([2], [(2, 1), (2, 1)]), ([1], [(2, 0), (2, 0)])]),
            ]
        case .manyLeaves:
            [
                Self.block("a", [([1], [])]),
                Self.block("b", Self.doublingLevels),
            ]
        case .endlessDepth:
            (1...60).map(Self.deepBlock)
        case .keysOutOfOrder:
            [Self.block("b", [([1], [])]), Self.block("a", [([1, 2], [])])]
        case .nodesWithoutKeys:
            [
                Self.block("a", [([1], [])]),
                Self.block("b", [([2], [(2, 1), (2, 2)]), ([], []), ([], [])]),
            ]
        case .blocksThatAreNotThere:
            [Self.block("a", [([1], [])]), Self.block("b", [([9_007_199_254_740_991], [])])]
        case .levelsWithoutEnd:
            [
                Self.block("a", [([1], [])]),
                Self.block("b", [Level](repeating: ([1], []), count: 9_000)),
            ]
        case .noIndexAtAll: [[1, 2, 3], [4, 5, 6], []]
        case .garbage: (0..<40).map { [UInt8](repeating: UInt8($0 * 6), count: $0 * 50) }
        default: nil
        }
    }

    private typealias Level = (keys: [UInt64], children: [(UInt64, UInt64)])

    /// Each level names the next one twice: 2^70 leaves.
    private static var doublingLevels: [Level] {
        var levels: [Level] = []
        for depth in 1...70 as ClosedRange<UInt64> {
            levels.append(([1], [(2, depth), (2, depth)]))
        }
        levels.append(([1], []))
        return levels
    }

    /// Keys ascend along a way that goes down to the right for ever.
    private static func deepBlock(_ number: Int) -> [UInt8] {
        let name = String(repeating: "k", count: 61 - number)
        let seq = UInt64(number)
        let level: Level = number == 1 ? ([seq], []) : ([seq], [(1, 0), (seq - 1, 0)])
        return block(name, [level])
    }

    private static func block(
        _ name: String, _ levels: [Level]
    ) -> [UInt8] {
        var index = ProtobufWriter()
        index.write(
            levels: levels.map { level in
                IndexLevel(
                    keys: level.keys,
                    children: level.children.map { NodeReference(seq: $0.0, offset: $0.1) })
            })
        return IndexBlock.encode(
            key: Array("files\0/\(name)".utf8), value: Array(file().utf8), index: index.bytes)
    }

    // MARK: Entries

    static func file(
        _ blob: String = #"{"blockOffset":0,"byteOffset":0,"blockLength":1,"byteLength":4}"#,
        link: String? = nil, metadata: String = "null"
    ) -> String {
        let target = link.map { "\"\($0)\"" } ?? "null"
        let content = link == nil ? blob : "null"
        return #"{"executable":false,"linkname":\#(target),"blob":\#(content),"#
            + #""metadata":\#(metadata)}"#
    }

    private func entries(_ honest: FeedKey) -> [(key: String, value: String)] {
        let huge = "9007199254740991"
        switch self {
        case .valuesThatAreNoEntries:
            return ["", "7", "null", "{", "[]", #"{"executable":7}"#, #"{"blob":{}}"#, "\u{0}"]
                .enumerated().map { ("files\0/v\($0.offset)", $0.element) }
        case .deepValues:
            let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
            return [("files\0/deep", Self.file(metadata: #"{"x":\#(deep)}"#))]
        case .blobsBeyondTheFeed:
            return [
                (
                    "files\0/beyond",
                    Self.file(
                        #"{"blockOffset":\#(huge),"byteOffset":0,"blockLength":1,"byteLength":4}"#)
                ),
                (
                    "files\0/over",
                    Self.file(
                        #"{"blockOffset":0,"byteOffset":0,"blockLength":\#(huge),"byteLength":4}"#)
                ),
            ]
        case .hugeBlobs:
            return [
                (
                    "files\0/huge",
                    Self.file(
                        #"{"blockOffset":0,"byteOffset":0,"blockLength":0,"byteLength":\#(huge)}"#)
                ),
                (
                    "files\0/large",
                    Self.file(
                        #"{"blockOffset":0,"byteOffset":\#(huge),"blockLength":\#(huge),"#
                            + #""byteLength":\#(huge)}"#)
                ),
            ]
        case .hugeBlobMaps:
            return [
                (
                    "files\0/map",
                    Self.file(
                        #"{"blockOffset":0,"byteOffset":0,"blockLength":\#(huge),"#
                            + #""byteLength":\#(huge),"blockMap":true}"#)
                )
            ]
        case .pathsThatLeave:
            return ["/../evil", "/a/../../evil", "//evil", "/.", "/..", "evil", "/a\\..\\evil"]
                .map { ("files\0" + $0, Self.file()) }
        case .pathsWithControls:
            return ["/a\u{7}b", "/new\nline", "/esc\u{1b}[2J", "/\u{202e}txt.exe", "/CON", "/a:b"]
                .map { ("files\0" + $0, Self.file(link: "x")) }
        case .longPaths:
            let name = String(repeating: "n", count: 300)
            let deep = String(repeating: "/d", count: 3_000)
            return [("files\0/\(name)", Self.file(link: "x")), ("files\0\(deep)", Self.file())]
        default: return links() + vectors(honest)
        }
    }

    private func links() -> [(key: String, value: String)] {
        switch self {
        case .linksThatLeave:
            ["../../escape", "/tmp/escape", "/", "..", "a/../../escape"].enumerated().map {
                ("files\0/link\($0.offset)", Self.file(link: $0.element))
            }
        case .filesBelowLinks:
            [
                ("files\0/out", Self.file(link: "..")),
                ("files\0/out/evil", Self.file(link: "x")),
                ("files\0/up", Self.file(link: "../..")),
                ("files\0/up/evil/evil", Self.file(link: "x")),
            ]
        case .linksInACircle:
            [
                ("files\0/one", Self.file(link: "/two")),
                ("files\0/two", Self.file(link: "/one")),
                ("files\0/self", Self.file(link: "self")),
            ]
        default: []
        }
    }

    private func vectors(_ honest: FeedKey) -> [(key: String, value: String)] {
        switch self {
        case .vectorsOfTheFuture:
            let vector = #"{"mdrive":{"v":{"\#(honest.id)":9007199254740991}}}"#
            return [("files\0/honest1", Self.file(metadata: vector))]
        case .longVectors:
            let items = (0..<3_000).map { number in
                let key = FeedKey(Digest.hash(of: Array("\(number)".utf8)))
                return "\"\(key.id)\":\(number)"
            }
            let vector = #"{"mdrive":{"v":{\#(items.joined(separator: ","))}}}"#
            return [("files\0/honest1", Self.file(metadata: vector))]
        case .deletionsOfOthers:
            let vector = #"{"v":{"\#(honest.id)":9007199254740991}}"#
            return [("mdrive\0x\0/honest1", vector)]
        default: return []
        }
    }
}

extension Drive {
    /// Signs entries that no honest writer makes.
    fileprivate func sign(entries: [(key: String, value: String)]) throws {
        try writeNow { transaction in
            let archive = try self.own.writable(in: transaction)
            let writer = IndexWriter(
                archive.index.feed, header: IndexHeader(metadata: IndexHeader.Metadata()),
                signingWith: self.own.keyPair)
            for entry in entries {
                try writer.put(Array(entry.key.utf8), Array(entry.value.utf8), in: transaction)
            }
        }
    }

    /// Signs blocks that are no index, or none that ends.
    fileprivate func sign(blocks: [[UInt8]]) throws {
        try writeNow { transaction in
            let archive = try self.own.writable(in: transaction)
            let header = try transaction.snapshot.head(of: archive.index.feed).length
            try transaction.append(
                (header == 0 ? [IndexHeader().encoded] : []) + blocks, to: archive.index.feed,
                signingWith: self.own.keyPair)
        }
    }
}
