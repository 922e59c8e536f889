import Multiwriter
import Testing

@Suite struct ByteCursorTests {
    @Test func `a cursor counts from the start of its file and keeps within it`() async throws {
        try await withDrive { drive in
            try await drive.write(Array("abcdefghij".utf8), to: "first")
            let big = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
            let row = try await drive.write(big, to: "big")
            try await drive.write(Array("tail".utf8), to: "last")

            var cursor = try await drive.makeByteCursor(for: row.reference)
            var pieces: [Int] = []
            while let piece = try await cursor.next() { pieces.append(piece.count) }
            #expect(pieces == [65_536, 65_536, 65_536, 3392])
            #expect(try await cursor.next() == nil)
            cursor.seek(to: 70_000)
            #expect(try await cursor.next() == Array(big[70_000..<131_072]))
            #expect(try await cursor.next() == Array(big[131_072..<196_608]))
            cursor.seek(to: -5)
            #expect(try await cursor.next()?.count == 65_536)
            for end in [200_000, 1_000_000, Int.max] {
                cursor.seek(to: end)
                #expect(try await cursor.next() == nil)
            }
            cursor.seek(to: 199_999)
            #expect(try await cursor.next() == [big[199_999]])
        }
    }
}
