// Keeps birthdays in a sorted table that survives a power cut.

import Foundation
import LMDB

let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("lmdb-example-\(UUID().uuidString)").path
let environment = try Environment(path: folder)
defer {
    environment.close()
    try? FileManager.default.removeItem(atPath: folder)
}
let birthdays = try environment.openDatabase(named: "birthdays")

// All changes of one write are committed together, or none.
try environment.write { transaction in
    for (date, name) in [("0714", "Emmy"), ("1210", "Ada"), ("0623", "Alan"), ("0107", "Gerald")] {
        try transaction.put(Array(name.utf8), forKey: Array(date.utf8), in: birthdays)
    }
}

// A read sees one commit. Keys come in order; values are lent where they are, not copied.
try environment.read { transaction in
    let summer = KeyRange(from: Array("06".utf8), upTo: Array("09".utf8))
    try transaction.visit(summer, in: birthdays) { date, name in
        print(String(decoding: date, as: UTF8.self), String(decoding: name, as: UTF8.self))
        return .next
    }
    print("\(try transaction.count(of: birthdays)) birthdays in all")
}
