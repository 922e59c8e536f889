import Foundation
import LMDB
import Testing

@Suite struct LMDBErrorTests {
    @Test func `is equal by code and tells the sentence`() {
        let error = LMDBError(code: .corrupted, message: "The database is damaged.")
        #expect(error == LMDBError(code: .corrupted, message: "Another sentence."))
        #expect(error != LMDBError(code: .invalid, message: "The database is damaged."))
        #expect("\(error)" == "The database is damaged.")
    }

    @Test func `carries LMDB's own codes and the system's`() {
        #expect(LMDBError.Code.mapFull.rawValue == -30792)
        #expect(LMDBError.Code.invalid.rawValue == -30793)
        #expect(LMDBError.Code.diskFull.rawValue == ENOSPC)
    }

    @Test func `a body's own error comes out as it is`() throws {
        struct Own: Error, Equatable { let number: Int }
        try withEnvironment { environment, _ in
            #expect(throws: Own(number: 1)) { try environment.read { _ in throw Own(number: 1) } }
            #expect(throws: Own(number: 2)) { try environment.write { _ in throw Own(number: 2) } }
        }
    }
}
