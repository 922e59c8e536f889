import Cryptography
import Merkle
import Testing

@Suite struct TreeRootsTests {
    let tree = MemoryTree((0..<9).map { [UInt8](repeating: $0, count: Int($0)) })

    @Test func `roots that are not those of the length are refused`() {
        let nodes = tree.roots.nodes
        #expect(TreeRoots(length: 9, nodes: nodes) == tree.roots)
        #expect(TreeRoots(length: 8, nodes: nodes) == nil)
        #expect(TreeRoots(length: 9, nodes: nodes.reversed()) == nil)
        #expect(TreeRoots(length: 9, nodes: Array(nodes.dropLast())) == nil)
        #expect(TreeRoots(length: .max, nodes: []) == nil)
        var large = nodes
        large[0].size = .max
        #expect(TreeRoots(length: 9, nodes: large) == nil)
        large[0].size = Limits.maximumByteLength
        #expect(TreeRoots(length: 9, nodes: large) == nil)
    }

    @Test func `an empty tree has a head`() {
        let roots = TreeRoots()
        #expect(roots.head(fork: 0) == .empty)
        #expect(roots.treeHash == Digest.hash(of: [2]))
    }

    @Test func `earlier roots are found again`() throws {
        for length in 0...UInt64(9) {
            #expect(try tree.roots(ofLength: length) == tree.prefix(length).roots)
        }
        #expect(try tree.roots(ofLength: 10) == nil)
        #expect(try tree.roots(ofLength: .max) == nil)
    }

    @Test func `a byte behind the end has no place`() throws {
        let end = tree.roots.byteLength
        #expect(try tree.roots.position(ofByte: end, from: tree) == .found(block: 9, offset: 0))
        #expect(try tree.roots.position(ofByte: end + 1, from: tree) == .beyondEnd)
        #expect(try tree.roots.position(ofByte: .max, from: tree) == .beyondEnd)
        #expect(try tree.roots.position(ofByte: 1, padding: .max, from: tree) == .beyondEnd)
        #expect(try TreeRoots().position(ofByte: 1, from: tree) == .beyondEnd)
        #expect(try TreeRoots().position(ofByte: 0, from: tree) == .found(block: 0, offset: 0))
    }

    @Test func `a descent stops where a left child is not known`() throws {
        var reader = try tree.reader(length: 9)
        #expect(
            try tree.roots.position(ofByte: 5, from: reader) == .below(TreeIndex(7), offset: 5))
        reader.nodes[TreeIndex(3)] = tree.nodes[TreeIndex(3)]
        #expect(
            try tree.roots.position(ofByte: 5, from: reader) == .below(TreeIndex(3), offset: 5))
        reader.unproven.insert(TreeIndex(3))
        #expect(
            try tree.roots.position(ofByte: 5, from: reader) == .below(TreeIndex(7), offset: 5))
    }

    @Test func `offsets outside of the tree do not exist`() throws {
        #expect(try tree.roots.byteOffset(ofBlock: 9, from: tree) == tree.roots.byteLength)
        #expect(try tree.roots.byteOffset(ofBlock: 10, from: tree) == nil)
        #expect(try tree.roots.byteOffset(ofBlock: .max, from: tree) == nil)
        #expect(try tree.roots.byteOffset(of: TreeIndex(.max), from: tree) == 0)
        #expect(try tree.roots.byteOffset(of: TreeIndex(.max - 1), from: tree) == nil)
    }

    @Test func `steps are counted up to the first stored node`() throws {
        let reader = try tree.reader(length: 9, extra: [TreeIndex(1)])
        #expect(try tree.roots.missingNodes(fromBlock: 0, in: reader) == 1)
        #expect(try tree.roots.missingNodes(fromBlock: 2, in: reader) == 3)
        #expect(try tree.roots.missingNodes(fromBlock: 8, in: reader) == 0)
        #expect(try tree.roots.missingNodes(fromBlock: 9, in: reader) == 0)
        #expect(try tree.roots.missingNodes(fromBlock: .max, in: reader) == 0)
        #expect(try tree.roots.missingNodes(from: TreeIndex(1), in: reader) == 0)
        #expect(try tree.roots.missingNodes(from: TreeIndex(5), in: reader) == 2)
        #expect(try tree.roots.missingNodes(from: TreeIndex(.max), in: reader) == 0)
    }
}
