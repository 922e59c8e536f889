import Merkle
import Testing

@testable import Replication

@Suite struct AwaitedNodesTests {
    private let first = RequestReference(id: 1, order: 1)
    private let second = RequestReference(id: 2, order: 2)

    @Test func `a request brings the siblings and the way up, and nothing above`() {
        var nodes = AwaitedNodes()
        nodes.insert(4, nodes: 2, for: first)
        // Leaves 8 and 10, and their parent with its sibling 13.
        for node in [8, 10, 9, 13] as [UInt64] {
            #expect(nodes.bringer(of: TreeIndex(node)) == first)
        }
        for node in [11, 3, 12, 6] as [UInt64] {
            #expect(nodes.bringer(of: TreeIndex(node)) == nil)
        }
    }

    @Test func `what two bring is the first one's, and forgotten with it`() {
        var nodes = AwaitedNodes()
        nodes.insert(0, nodes: 3, for: first)
        nodes.insert(2, nodes: 2, for: second)
        #expect(nodes.bringer(of: TreeIndex(4)) == second)
        #expect(nodes.bringer(of: TreeIndex(5)) == first)
        nodes.remove(2, nodes: 2, for: second)
        #expect(nodes.bringer(of: TreeIndex(4)) == nil)
        #expect(nodes.bringer(of: TreeIndex(5)) == first)
        nodes.remove(0, nodes: 3, for: first)
        #expect(nodes.bringer(of: TreeIndex(5)) == nil)
    }
}
