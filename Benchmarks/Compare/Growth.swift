import BenchmarkWork
import Multiwriter

/// How costs grow with the number of files, their size, and the number of writers.
struct Growth {
    /// What one drive costs.
    struct Step {
        /// How much there is, in words and in units.
        let name: String
        let count: Double
        let importing: Double?
        let fetching: Double
        let listing: Double
        /// The larger side of the sync.
        let peak: MemoryPeak
        let storeByteCount: Double
        let wireByteCount: Double
    }

    let shop: Workshop

    static let titles = [
        "", "import", "sync", "sync, each", "ls -R", "private", "with mapped pages",
        "store, each", "wire, each",
    ]

    /// Three tables for a page, with what each of them counts.
    func tables() throws -> String {
        let parts: [(title: String, each: String, steps: [Step])] = [
            ("Files of 100 bytes", "a file", try files()),
            ("One file", "a MiB", try sizes()),
            ("Writers, each with one file", "a writer", try writers()),
        ]
        return parts.map { title, each, steps in
            let titles = Self.titles.map { $0.replacing("each", with: each) }
            return "#### \(title)\n\n" + Report.markdown(titles, steps.map(cells))
        }.joined(separator: "\n\n")
    }

    private func cells(_ step: Step) -> [String] {
        [
            step.name, step.importing.map { "\(Quantity($0, .seconds))" } ?? "–",
            "\(Quantity(step.fetching, .seconds))",
            "\(Quantity(step.fetching / step.count, .seconds))",
            "\(Quantity(step.listing, .seconds))",
            "\(Quantity(step.peak.privateBytes, .mebibytes))",
            "\(Quantity(step.peak.residentBytes, .mebibytes))",
            "\(Quantity(step.storeByteCount / step.count, .bytes))",
            "\(Quantity(step.wireByteCount / step.count, .bytes))",
        ]
    }

    private func files() throws -> [Step] {
        try [1000, 10_000, 100_000].map { count in
            try step("\(count) files", Double(count), of: shop.tree(count))
        }
    }

    private func sizes() throws -> [Step] {
        try [1, 16, 256, 4096].map { mebibytes in
            shop.progress("making a file of \(mebibytes) MiB")
            let tree = try shop.scratch.folder.makeTree(fileCount: 1, byteCount: mebibytes << 20)
            defer { shop.scratch.remove(tree) }
            return try step("\(mebibytes) MiB", Double(mebibytes), of: tree)
        }
    }

    /// Imports a folder, and then measures the drive.
    private func step(_ name: String, _ count: Double, of tree: String) throws -> Step {
        let importing = try (0..<shop.repetitions).map { _ in
            let drive = shop.scratch.next()
            defer { shop.scratch.remove(drive) }
            shop.settle()
            return try shop.mdrive(drive, "import", tree + "/").wait()
        }
        let drive = shop.scratch.next()
        defer { shop.scratch.remove(drive) }
        try shop.mdrive(drive, "import", tree + "/").wait()
        return try step(name, count, drive, importing: Samples(importing).minimum)
    }

    private func writers() throws -> [Step] {
        try [1, 10, 100, 1000].map { count in
            let drive = try makeDrive(writerCount: count)
            defer { shop.scratch.remove(drive) }
            return try step("\(count) writers", Double(count), drive)
        }
    }

    /// Lets drives meet in pairs, and one of each pair again in pairs, until one has all.
    ///
    /// They are made and meet in this process, which is quicker; what is measured then is not.
    private func makeDrive(writerCount: Int) throws -> String {
        shop.progress("making \(writerCount) writers")
        let drives = try (0..<writerCount).map { number in
            let folder = shop.scratch.next()
            let drive = try Drive.open(at: folder)
            defer { drive.close() }
            var writer = try drive.makeWriter(for: NewEntry(name: "file \(number)"))
            try [UInt8](repeating: 1, count: 100).withUnsafeBytes { try writer.writeNow($0) }
            _ = try writer.finishNow()
            return folder
        }
        var distance = 1
        while distance < writerCount {
            for number in stride(from: 0, to: writerCount - distance, by: 2 * distance) {
                try MemoryWire(from: drives[number + distance], to: drives[number]).sync()
                shop.scratch.remove(drives[number + distance])
            }
            distance *= 2
        }
        return drives[0]
    }

    /// Measures what it takes an empty drive to get all of another, and what that is then.
    private func step(
        _ name: String, _ count: Double, _ drive: String, importing: Double? = nil
    ) throws -> Step {
        shop.progress("measuring " + name)
        return try shop.serving(drive) { server, port in
            let seconds = try (0..<shop.repetitions).map { _ in
                try shop.secondsOfFetching(port)
            }
            let target = shop.scratch.next()
            defer { shop.scratch.remove(target) }
            var peak = MemoryPeak()
            let bytes = try shop.bytesOnTheWire(to: port) { relay in
                let child = try shop.dial(target, relay)
                let watch = MemoryWatch([child.process, server.process])
                try child.wait()
                peak = watch.stop()
            }
            let listing = try (0..<shop.repetitions).map { _ in
                try shop.mdrive(target, "ls", "-R").wait()
            }
            let step = Step(
                name: name, count: count, importing: importing, fetching: Samples(seconds).minimum,
                listing: Samples(listing).minimum, peak: peak,
                storeByteCount: try shop.scratch.byteCount(of: target), wireByteCount: bytes)
            // A run that is cut off has shown this much.
            shop.progress(cells(step).joined(separator: "  "))
            return step
        }
    }
}
