import Merkle
import TestSupport
import Testing

@Suite struct FlatTreeVectorTests {
    @Test func `nodes have their place, their relatives and their spans`() throws {
        for item in try Vectors.load("flat-tree.json").nodes.items {
            let index = TreeIndex(item.index.int)
            #expect(index.depth == item.depth.int)
            #expect(index.offset == item.offset.int)
            #expect(TreeIndex(depth: item.depth.int, offset: item.offset.int) == index)
            #expect(index.parent.value == item.parent.int)
            #expect(index.sibling.value == item.sibling.int)
            #expect(index.leftChild?.value == item.leftChild.uint64)
            #expect(index.rightChild?.value == item.rightChild.uint64)
            #expect(index.leftSpan.value == item.leftSpan.int)
            #expect(index.rightSpan.value == item.rightSpan.int)
            #expect(index.blockCount == item.countLeaves.int)
        }
    }

    @Test func `a length has its roots`() throws {
        for item in try Vectors.load("flat-tree.json").fullRoots.items {
            let roots = TreeIndex.roots(ofLength: item.length.int).map(\.value)
            #expect(roots == item.roots.items.map(\.int))
        }
    }
}
