import Testing
import TestSupport

@Suite struct LoadTests {
    @Test func loads() throws {
        let v = try Vectors.load("proofs-1.json")
        #expect(v.proofs.items.count > 10)
    }
}
