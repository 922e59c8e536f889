import Merkle
import Testing

@testable import Replication

@Suite struct RequestTableTests {
    private func add(_ table: inout RequestTable, _ block: UInt64) -> UInt64 {
        table.add(ProofRequest(fork: 0), for: .block(block), at: .zero)
    }

    @Test func `numbers begin at one and are used again once answered`() {
        var table = RequestTable()
        let ids = (0..<3).map { add(&table, $0) }
        #expect(ids == [1, 2, 3])
        #expect(table.answer(2)?.purpose == .block(1))
        #expect(table.answer(2) == nil)
        #expect(add(&table, 7) == 2)
        #expect(table.count == 3)
    }

    @Test func `a cancelled number waits for the answer to a later request`() {
        var table = RequestTable()
        let first = add(&table, 0)
        let second = add(&table, 1)
        #expect(table.cancel(first)?.purpose == .block(0))
        #expect(table.answer(second) != nil)
        // That answer was to a request from before the cancelling.
        let third = add(&table, 2)
        #expect(third == second)
        #expect(table.answer(third) != nil)
        #expect(Set([add(&table, 3), add(&table, 4)]) == [first, second])
    }

    @Test func `the late answer to a cancelled request frees its number`() {
        var table = RequestTable()
        let id = add(&table, 0)
        _ = table.cancel(id)
        #expect(table.answer(id) == nil)
        #expect(add(&table, 1) == id)
    }

    @Test func `a run counts all of its blocks`() {
        var table = RequestTable()
        let request = ProofRequest(fork: 0)
        let index = TreeIndex(depth: 4, offset: 2)
        let run = table.add(request, for: .run(index), at: .seconds(1))
        let other = table.add(request, for: .run(TreeIndex(depth: 1, offset: 0)), at: .seconds(2))
        #expect(table.count == 2 && table.blockCount == 18)
        #expect(table.covers(32) && table.covers(47) && table.covers(1))
        #expect(!table.covers(48) && !table.covers(31))
        #expect(table.covers(40, sentBefore: .seconds(2)))
        #expect(!table.covers(1, sentBefore: .seconds(2)))
        #expect(table.answer(run)?.purpose.blocks == 32..<48)
        #expect(table.cancel(other)?.purpose == .run(TreeIndex(depth: 1, offset: 0)))
        #expect(table.count == 0 && table.blockCount == 0)
    }

    @Test(arguments: [0, 4, 99, UInt64.max])
    func `unknown numbers have no request`(id: UInt64) {
        var table = RequestTable()
        _ = add(&table, 0)
        #expect(table.answer(id) == nil)
        #expect(table.cancel(id) == nil)
    }
}

@Suite struct IncomingRequestsTests {
    private func message(_ id: UInt64, block: UInt64 = 0, priority: UInt64 = 0) -> RequestMessage {
        RequestMessage(
            id: id, proof: ProofRequest(fork: 0, block: .init(index: block, nodes: 0)),
            priority: priority)
    }

    private func drain(_ requests: inout IncomingRequests) -> [String] {
        var items: [String] = []
        while let item = requests.next() {
            switch item {
            case .request(let message):
                items.append("\(message.id):\(message.proof.block?.index ?? 0)")
            case .run(let run, let id): items.append("\(id): run \(run.index)")
            case .want(let start, _, _): items.append("want \(start)")
            }
        }
        return items
    }

    @Test func `urgent ones come first, the last of them before all`() {
        var requests = IncomingRequests()
        requests.add(message(1))
        requests.add(message(2, priority: 1))
        requests.addWant(start: 5, length: 1, any: false)
        requests.add(message(3, priority: 2))
        #expect(requests.count == 4)
        #expect(drain(&requests) == ["3:0", "2:0", "1:0", "want 5"])
        #expect(requests.isEmpty)
    }

    @Test func `runs and blocks share their numbers`() {
        var requests = IncomingRequests()
        let run = RunRequest(fork: 0, index: TreeIndex(7), nodes: 0, maximumByteCount: 9)
        requests.add(message(1))
        requests.add(run, id: 2)
        requests.add(run, id: 3)
        requests.add(message(3))
        requests.add(run, id: 1)
        requests.cancel(2)
        #expect(requests.count == 2)
        #expect(drain(&requests) == ["3:0", "1: run 7"])
        #expect(requests.isEmpty)
    }

    @Test func `cancelled and replaced requests are not answered`() {
        var requests = IncomingRequests()
        for id in 1...4 as ClosedRange<UInt64> { requests.add(message(id)) }
        requests.cancel(2)
        requests.cancel(9)
        requests.add(message(3, block: 8))
        #expect(requests.count == 3)
        #expect(drain(&requests) == ["1:0", "4:0", "3:8"])
    }

    @Test func `replacing one request for ever costs no memory`() {
        var requests = IncomingRequests()
        requests.add(message(7))
        for _ in 0..<100_000 { requests.add(message(1)) }
        #expect(requests.count == 2)
        #expect(drain(&requests) == ["7:0", "1:0"])
    }
}

@Suite struct WantedBlocksTests {
    @Test func `ranges join and split`() {
        var wanted = WantedBlocks(wantsEverything: false)
        wanted.insert(5..<10)
        wanted.insert(20..<30)
        wanted.insert(10..<12)
        #expect(wanted.ranges == [5..<12, 20..<30])
        wanted.remove(8..<22)
        #expect(wanted.ranges == [5..<8, 22..<30])
        #expect(wanted.ranges(below: 25) == [5..<8, 22..<25])
        #expect(wanted.contains(7) && !wanted.contains(8))
    }

    @Test func `what was fetched is wanted again after a fork`() {
        var wanted = WantedBlocks(wantsEverything: false)
        wanted.insert(0..<4)
        wanted.insert(6..<9)
        wanted.insertUrgent(2)
        var held = BlockSet()
        held.insert(0..<5)
        wanted.forget(held: held, below: 9)
        #expect(wanted.ranges == [6..<9] && wanted.urgent.isEmpty)
        wanted.restart()
        #expect(wanted.ranges == [0..<4, 6..<9])
    }
}
