import Archives
import Cryptography
import Feeds

/// What one transaction of a batch has to do; a value, because the transaction may be repeated.
struct BatchWork: Sendable {
    /// Bytes of a file, and what they hash to as a leaf if somebody had the time to hash them.
    struct Piece: Sendable {
        let bytes: [UInt8]
        var leafHash: Digest?
    }

    struct Item: Sendable {
        let entry: NewEntry
        let path: DrivePath
        var pieces: [Piece] = []
        /// Whether the content ends with these pieces; without content nothing is waited for.
        var isComplete: Bool

        init(entry: NewEntry, path: DrivePath) {
            self.entry = entry
            self.path = path
            isComplete = entry.type != .file
        }
    }

    struct Outcome: Sendable {
        var written: [WrittenEntry] = []
        /// The content of the last item, if it goes on.
        var continued: BlobWriter?
    }

    var items: [Item] = []
    /// The content of the first item, if an earlier transaction began it.
    var continued: BlobWriter?

    func perform(
        _ drive: Drive, in transaction: borrowing StoreTransaction
    ) throws -> Outcome {
        let archive = try drive.own.writable(in: transaction)
        var outcome = Outcome()
        var changes: [EntryChange] = []
        changes.reserveCapacity(items.count)
        var writer = continued
        for item in items {
            guard item.entry.type == .file else {
                changes.append(EntryChange(item.entry, at: item.path))
                continue
            }
            var blob = try writer ?? archive.makeBlobWriter()
            writer = nil
            for piece in item.pieces {
                try blob.write(piece.bytes, hashedAs: piece.leafHash, in: transaction)
            }
            if item.isComplete {
                let written = try blob.finish(in: transaction)
                changes.append(EntryChange(item.entry, at: item.path, content: written))
            } else {
                outcome.continued = blob
            }
        }
        outcome.written = try drive.apply(changes, to: archive, in: transaction)
        return outcome
    }
}
