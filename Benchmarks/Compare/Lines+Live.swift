import BenchmarkWork
import Foundation
import Multiwriter

/// A file written on one side, until the other side can read it.
///
/// Two processes of the program keep two drives in sync; this process opens both drives besides,
/// writes into one and looks into the other. Both commits are durable.
extension Lines {
    static func live(_ shop: Workshop) throws -> [Row] {
        let left = try Drive.open(at: shop.scratch.next())
        let right = try Drive.open(at: shop.scratch.next())
        defer {
            left.close()
            right.close()
        }
        let content = [UInt8](repeating: 1, count: 100)
        func write(_ name: String) throws -> Double {
            let reference = EntryReference(name: name, link: left.link)
            let start = ContinuousClock.now
            var writer = try left.makeWriter(for: NewEntry(name: name))
            try content.withUnsafeBytes { try writer.writeNow($0) }
            _ = try writer.finishNow()
            while try !right.canRead(reference) {
                guard ContinuousClock.now - start < .seconds(20) else {
                    throw Child.Failure(description: "what was written did not arrive")
                }
                usleep(20)
            }
            return (ContinuousClock.now - start).seconds
        }
        return try shop.serving(left.path) { _, port in
            let far = try shop.mdrive(right.path, "sync", "--connect", "127.0.0.1:\(port)")
            defer { far.stop() }
            _ = try write("first")
            shop.settle()
            var (seconds, syncs): ([Double], [Double]) = ([], [])
            for number in 0..<shop.repetitions * 20 {
                seconds.append(try write("file \(number)"))
                syncs.append(try shop.scratch.syncSeconds(count: 1))
            }
            let (ours, machine) = (Samples(seconds), Samples(syncs))
            let bound = 3 * machine.median + 0.001
            return [
                Row(
                    line: 9, work: "live: from a write here until it can be read there",
                    peer: "three fsyncs and 1 ms (\(Quantity(bound, .seconds)))",
                    ours: ours.text(.seconds), theirs: "fsync " + machine.text(.seconds),
                    value: Quantity(ours.median / bound, .times), reach: 1)
            ]
        }
    }
}

extension Drive {
    /// True if all of a file is here.
    fileprivate func canRead(_ reference: EntryReference) throws -> Bool {
        do {
            var reader = try readerNow(of: reference)
            try reader.forEachPiece { _ in }
            return true
        } catch let error as DriveError
            where [.notHere, .unknownName, .unknownLink].contains(error.code)
        {
            return false
        }
    }
}
