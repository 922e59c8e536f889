import Testing

@testable import Multiwriter

@Suite struct PreambleTests {
    let small = [UInt8](repeating: 1, count: 16)
    let large = [UInt8](repeating: 1, count: 15) + [2]

    @Test(arguments: [1, 2, 7, 24])
    func `the larger number begins, whatever the chunks`(chunk: Int) throws {
        var first = Preamble(number: small)
        var second = Preamble(number: large)
        let toFirst = second.greeting
        let toSecond = first.greeting
        #expect(try feed(toFirst, into: &first, chunk: chunk)?.isInitiator == false)
        #expect(try feed(toSecond, into: &second, chunk: chunk)?.isInitiator == true)
    }

    @Test func `bytes behind the greeting are left alone`() throws {
        var preamble = Preamble(number: small)
        let bytes = Preamble(number: large).greeting + [9, 9, 9]
        let outcome = try bytes.withUnsafeBytes { try preamble.receive($0) }
        #expect(outcome == Preamble.Outcome(isInitiator: false, consumedByteCount: 24))
    }

    @Test func `a longer greeting of a later version is skipped to its end`() throws {
        var preamble = Preamble(number: large)
        let bytes = Preamble.magic + [2, 19] + small + [7, 7, 7] + [1]
        let outcome = try bytes.withUnsafeBytes { try preamble.receive($0) }
        #expect(outcome == Preamble.Outcome(isInitiator: true, consumedByteCount: 27))
    }

    @Test func `an echo is ourselves`() {
        var preamble = Preamble(number: small)
        let bytes = preamble.greeting
        #expect(throws: SyncError.echo) { try bytes.withUnsafeBytes { try preamble.receive($0) } }
    }

    @Test func `a Hypercore peer is told apart from garbage`() {
        #expect(problem(of: [0x20, 0, 0] + [UInt8](repeating: 5, count: 32)) == .needsInitiator)
        #expect(problem(of: Array("HTTP/1.1 400".utf8)) == .notMdrive)
        #expect(problem(of: Array("mdrivE".utf8)) == .notMdrive)
        #expect(problem(of: [0x20, 0x64]) == .notMdrive)
        #expect(problem(of: [0x20] + Preamble.magic.dropFirst()) == .notMdrive)
        #expect(problem(of: Preamble.magic + [1, 15]) == .notMdrive)
    }

    @Test func `a part of a greeting is no outcome and no error`() {
        for count in 0..<24 {
            #expect(problem(of: Array(Preamble(number: large).greeting.prefix(count))) == nil)
        }
    }

    private func problem(of bytes: [UInt8]) -> SyncError? {
        var preamble = Preamble(number: small)
        do {
            _ = try bytes.withUnsafeBytes { try preamble.receive($0) }
            return nil
        } catch {
            return error as? SyncError
        }
    }

    private func feed(
        _ bytes: [UInt8], into preamble: inout Preamble, chunk: Int
    ) throws -> Preamble.Outcome? {
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            let part = Array(bytes[start..<min(start + chunk, bytes.count)])
            if let outcome = try part.withUnsafeBytes({ try preamble.receive($0) }) {
                return outcome
            }
        }
        return nil
    }
}
