import Merkle
import Testing

@Suite struct TreeIndexTests {
    static let extremes: [UInt64] = [
        0, 1, 2, 3, .max, .max - 1, .max >> 1, .max >> 2, 1 << 63, (1 << 63) + 1, (1 << 53) - 1,
    ]

    @Test func `a node is where its relatives say`() {
        for value in 0..<UInt64(2000) {
            let index = TreeIndex(value)
            #expect(TreeIndex(depth: index.depth, offset: index.offset) == index)
            #expect(index.sibling.sibling == index)
            #expect(index.sibling.parent == index.parent)
            let child = index.isLeft ? index.parent.leftChild : index.parent.rightChild
            #expect(child == index)
            #expect(index.parent.contains(index))
            #expect(index.contains(index))
            #expect(!index.contains(index.sibling))
            #expect(!index.contains(index.parent))
            #expect(index.lastBlock - index.firstBlock + 1 == index.blockCount)
            #expect(index.isLeaf == (index.leftChild == nil))
            #expect(index.isLeaf == (index.depth == 0))
        }
    }

    @Test func `roots cover a length from left to right`() {
        for length in 0..<UInt64(600) {
            var next: UInt64 = 0
            var before = UInt64.max
            for root in TreeIndex.roots(ofLength: length) {
                #expect(root.firstBlock == next)
                #expect(root.blockCount < before)
                before = root.blockCount
                next += root.blockCount
            }
            #expect(next == length)
        }
    }

    @Test(arguments: extremes)
    func `no number traps`(value: UInt64) {
        let index = TreeIndex(value)
        let relatives = [
            index.parent, index.sibling, index.leftSpan, index.rightSpan,
            index.leftChild ?? index, index.rightChild ?? index, TreeIndex(block: value),
            TreeIndex(depth: value, offset: value),
        ]
        for other in relatives { _ = index.contains(other) || other.contains(index) }
        #expect(index.blockCount > 0)
        #expect(index.firstBlock <= index.lastBlock)
        #expect(Array(TreeIndex.roots(ofLength: value)).count == value.nonzeroBitCount)
    }
}
