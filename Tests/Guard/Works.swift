import Feeds
import Multiwriter

/// The works that are counted.
enum Works {
    static let all = [
        Work(name: "import 1,000 files", unit: "file", unitCount: 1000) { place in
            let tree = try place.tree(fileCount: 1000)
            let drive = try place.makeDrive(.powerCut)
            defer { drive.close() }
            return try await Cost.of([drive.path]) { _ = try drive.importFolder([tree + "/"]) }
        },
        Work(name: "import 1,000 files again", unit: "file", unitCount: 1000) { place in
            let (drive, tree) = try place.makeFilledDrive(fileCount: 1000)
            defer { drive.close() }
            return try await Cost.of([drive.path]) { _ = try drive.importFolder([tree + "/"]) }
        },
        Work(name: "list 1,000 files", unit: "file", unitCount: 1000) { place in
            let (drive, _) = try place.makeFilledDrive(fileCount: 1000)
            defer { drive.close() }
            return try await Cost.of([drive.path]) {
                var count = 0
                try drive.forEachEntry { if $0.type == .file { count += 1 } }
                precondition(count == 1000, "all files are listed")
            }
        },
        Work(name: "sync 1,000 files", unit: "file", unitCount: 1000) { place in
            let (left, _) = try place.makeFilledDrive(fileCount: 1000)
            let right = try place.makeDrive(.powerCut)
            defer {
                left.close()
                right.close()
            }
            return try await Cost.of([left.path, right.path]) { try await sync(left, right) }
        },
        Work(name: "sync nothing new", unit: "sync", unitCount: 1) { place in
            let (left, _) = try place.makeFilledDrive(fileCount: 1000)
            let right = try place.makeDrive()
            defer {
                left.close()
                right.close()
            }
            try await sync(left, right)
            return try await Cost.of([left.path, right.path]) { try await sync(left, right) }
        },
        Work(name: "append 10,000 blocks, 1,000 a commit", unit: "block", unitCount: 10_000) {
            place in
            let feed = try SampleFeed(at: place.next(), .powerCut)
            defer { feed.store.close() }
            return try await Cost.of([feed.path]) { try feed.append(10_000) }
        },
        Work(name: "replicate 10,000 blocks", unit: "block", unitCount: 10_000) { place in
            let source = try SampleFeed(at: place.next(), .processCrash)
            try source.append(10_000)
            let target = place.next()
            let (near, far) = try source.makeSides(target)
            defer {
                near.store.close()
                far.store.close()
            }
            return try await Cost.of([source.path, target]) { try Side.run(near, far) }
        },
    ]
}

extension Workplace {
    fileprivate func makeFilledDrive(fileCount: Int) throws -> (Drive, tree: String) {
        let tree = try tree(fileCount: fileCount)
        let drive = try makeDrive()
        let report = try drive.importFolder([tree + "/"])
        precondition(report.problems.isEmpty, "an import has problems")
        return (drive, tree)
    }
}
