import Foundation

/// What each of the works takes of memory.
extension Lines {
    static func memory(_ shop: Workshop) throws -> [Row] {
        var peaks: [(work: String, peak: MemoryPeak)] = []
        func note(_ work: String, _ child: Child, with server: Child? = nil) throws {
            let watch = MemoryWatch([child.process] + (server.map { [$0.process] } ?? []))
            try child.wait()
            peaks.append((work, watch.stop()))
        }
        let inputs: [(String, tree: String, drive: String)] = [
            ("10,000 files", try shop.tree(10_000), try shop.drive(10_000)),
            ("100,000 files", try shop.tree(100_000), try shop.drive(100_000)),
            ("256 MiB", try shop.bigFolder(), try shop.bigFileDrive()),
        ]
        for (name, tree, drive) in inputs {
            try note("import \(name)", shop.mdrive(shop.scratch.next(), "import", tree + "/"))
            try shop.serving(drive) { server, port in
                let target = shop.scratch.next()
                let child = try shop.dial(target, port)
                try note("sync \(name), the larger side", child, with: server)
                try note("sync \(name) again", shop.dial(target, port), with: server)
            }
        }
        try note("cat 256 MiB", shop.mdrive(inputs[2].drive, "cat", "0/0"))
        try note("ls -R of 10,000 files", shop.mdrive(inputs[0].drive, "ls", "-R"))
        return peaks.flatMap { work, peak in
            [
                row(work + ": private", peak.privateBytes, 32),
                row(work + ": with mapped pages", peak.residentBytes, 200),
            ]
        }
    }

    private static func row(_ work: String, _ bytes: Double, _ mebibytes: Double) -> Row {
        let value = Quantity(bytes, .mebibytes)
        return Row(
            line: 11, work: work, peer: "–", ours: "\(value)", theirs: "–", value: value,
            reach: mebibytes * 1_048_576)
    }
}
