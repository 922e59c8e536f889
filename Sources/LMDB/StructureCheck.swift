/// A walk through all pages of one commit that trusts nothing it reads.
///
/// LMDB follows page numbers and offsets as it finds them: in a damaged file it may read wrong
/// values or bring the process down. This walk tells beforehand.
struct StructureCheck: ~Copyable {
    private let file: PageFile
    private let meta: PageFormat.Meta
    private let fileByteCount: UInt64
    private let maximumCount: Int
    private var seen: [UInt64]

    /// What is broken, in sentences; empty if nothing is.
    private(set) var findings: [String] = []

    /// LMDB's own bound; it keeps the walk from exhausting the stack.
    private static let maximumDepth = 32

    private struct Totals {
        var branches: UInt64 = 0
        var leaves: UInt64 = 0
        var overflows: UInt64 = 0
        var entries: UInt64 = 0
        var lastKey: [UInt8]?
    }

    init(file: consuming PageFile, meta: PageFormat.Meta, maximumCount: Int) {
        self.meta = meta
        self.maximumCount = maximumCount
        fileByteCount = file.byteCount
        self.file = file
        // A damaged number of pages must not decide how much memory is taken.
        let pageCount = min(meta.lastPage, fileByteCount / UInt64(meta.pageByteCount)) + 1
        seen = [UInt64](repeating: 0, count: Int(pageCount / 64) + 1)
    }

    /// Walks both trees of the commit, and all tables.
    mutating func run() {
        walk(meta.free, name: "free pages", holdsTables: false, isFreeList: true)
        walk(meta.main, name: "tables", holdsTables: true, isFreeList: false)
    }

    private var isDone: Bool { findings.count >= maximumCount }

    private mutating func report(_ page: UInt64, _ sentence: String) {
        if !isDone { findings.append("Page \(page) \(sentence).") }
    }

    private mutating func walk(
        _ tree: PageFormat.Tree, name: String, holdsTables: Bool, isFreeList: Bool
    ) {
        guard tree.depth <= Self.maximumDepth else {
            findings.append("The tree of the \(name) is deeper than any can be.")
            return
        }
        var totals = Totals()
        if tree.root != PageFormat.noPage {
            visit(
                tree.root, level: 1, of: tree, &totals, holdsTables: holdsTables,
                isFreeList: isFreeList)
        }
        guard findings.isEmpty, tree.flags & 0x04 == 0 else { return }
        let matches =
            totals.branches == tree.branchCount && totals.leaves == tree.leafCount
            && totals.overflows == tree.overflowCount && totals.entries == tree.entryCount
        if !matches { findings.append("The tree of the \(name) has other counts than it says.") }
    }

    /// Notes that pages are in use; returns false if they cannot be.
    private mutating func claim(_ first: UInt64, count: UInt64, by user: UInt64) -> Bool {
        let (end, overflow) = first.addingReportingOverflow(count)
        guard !overflow, first > 1, count > 0, end <= meta.lastPage &+ 1 else {
            report(user, "refers to page \(first), which cannot be")
            return false
        }
        guard end <= fileByteCount / UInt64(meta.pageByteCount) else {
            report(user, "refers to page \(first), which is beyond the end of the file")
            return false
        }
        for page in first..<end {
            let mask = UInt64(1) << (page % 64)
            guard seen[Int(page / 64)] & mask == 0 else {
                report(page, "is used twice")
                return false
            }
            seen[Int(page / 64)] |= mask
        }
        return true
    }

    private mutating func visit(
        _ page: UInt64, level: Int, of tree: PageFormat.Tree, _ totals: inout Totals,
        holdsTables: Bool, isFreeList: Bool
    ) {
        guard !isDone, claim(page, count: 1, by: page) else { return }
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: meta.pageByteCount, alignment: 8)
        defer { bytes.deallocate() }
        guard file.read(into: bytes, at: page * UInt64(meta.pageByteCount)) else {
            return report(page, "cannot be read")
        }
        let content = UnsafeRawBufferPointer(bytes)
        guard content.number(at: 0) == page else { return report(page, "is another page") }
        let flags = PageFormat.Flags(rawValue: content.number(at: 10))
        let expected: PageFormat.Flags = level == tree.depth ? .leaf : .branch
        guard flags.intersection(.kinds) == expected else {
            return report(page, "is of another kind than its place in the tree demands")
        }
        guard let nodes = nodeOffsets(content, page) else { return }
        guard expected == .branch else {
            totals.leaves += 1
            totals.entries += UInt64(nodes.count)
            for offset in nodes where !isDone {
                checkLeaf(
                    content, offset, page, &totals, holdsTables: holdsTables,
                    isFreeList: isFreeList)
            }
            return
        }
        totals.branches += 1
        for offset in nodes where !isDone {
            let child =
                UInt64(content.number(at: offset) as UInt16)
                | UInt64(content.number(at: offset + 2) as UInt16) << 16
                | UInt64(content.number(at: offset + 4) as UInt16) << 32
            visit(
                child, level: level + 1, of: tree, &totals, holdsTables: holdsTables,
                isFreeList: isFreeList)
        }
    }

    /// Where the nodes of a page begin, if each header and key lies within the page.
    private mutating func nodeOffsets(_ content: UnsafeRawBufferPointer, _ page: UInt64) -> [Int]? {
        let lower = Int(content.number(at: 12) as UInt16)
        let upper = Int(content.number(at: 14) as UInt16)
        guard lower > PageFormat.headerByteCount, lower % 2 == 0, lower <= upper,
            upper <= content.count
        else {
            report(page, "has impossible bounds")
            return nil
        }
        var offsets: [Int] = []
        for slot in stride(from: PageFormat.headerByteCount, to: lower, by: 2) {
            let offset = Int(content.number(at: slot) as UInt16)
            guard offset >= upper, offset % 2 == 0, offset + 8 <= content.count,
                offset + 8 + Int(content.number(at: offset + 6) as UInt16) <= content.count
            else {
                report(page, "has a node outside of it")
                return nil
            }
            offsets.append(offset)
        }
        return offsets
    }

    private mutating func checkLeaf(
        _ content: UnsafeRawBufferPointer, _ offset: Int, _ page: UInt64, _ totals: inout Totals,
        holdsTables: Bool, isFreeList: Bool
    ) {
        let flags = PageFormat.NodeFlags(rawValue: content.number(at: offset + 4))
        let keyByteCount = Int(content.number(at: offset + 6) as UInt16)
        let size =
            Int(content.number(at: offset) as UInt16)
            | Int(content.number(at: offset + 2) as UInt16) << 16
        let start = offset + 8 + keyByteCount
        checkOrder(
            UnsafeRawBufferPointer(rebasing: content[offset + 8..<start]), page, &totals,
            isFreeList: isFreeList)
        let stored = flags.contains(.bigValue) ? 8 : size
        guard start + stored <= content.count else {
            return report(page, "has a value that does not fit into it")
        }
        if flags.contains(.bigValue) {
            return checkBigValue(content.number(at: start), size, page, &totals)
        }
        guard flags.contains(.table), holdsTables else { return }
        guard size == PageFormat.Tree.byteCount else {
            return report(page, "has a table of the wrong size")
        }
        let name = String(
            decoding: UnsafeRawBufferPointer(rebasing: content[offset + 8..<start]), as: UTF8.self)
        walk(
            PageFormat.Tree(content, at: start), name: "table \(name)", holdsTables: false,
            isFreeList: false)
    }

    private mutating func checkOrder(
        _ key: UnsafeRawBufferPointer, _ page: UInt64, _ totals: inout Totals, isFreeList: Bool
    ) {
        guard !key.isEmpty, key.count <= Limits.maximumKeyByteCount else {
            return report(page, "has a key of \(key.count) bytes")
        }
        defer { totals.lastKey = [UInt8](key) }
        guard let last = totals.lastKey else { return }
        let isGreater = last.withUnsafeBytes { last in
            guard isFreeList, key.count == 8, last.count == 8 else {
                return key.compare(to: last) > 0
            }
            return (key.number(at: 0) as UInt64) > (last.number(at: 0) as UInt64)
        }
        if !isGreater { report(page, "has keys out of order") }
    }

    private mutating func checkBigValue(
        _ first: UInt64, _ size: Int, _ page: UInt64, _ totals: inout Totals
    ) {
        let pageByteCount = meta.pageByteCount
        // A smaller value may have taken the place of a larger one, with all of its pages.
        let least = (PageFormat.headerByteCount + size + pageByteCount - 1) / pageByteCount
        guard claim(first, count: 1, by: page) else { return }
        let count = withUnsafeTemporaryAllocation(
            byteCount: PageFormat.headerByteCount, alignment: 8
        ) { header -> UInt32? in
            guard file.read(into: header, at: first * UInt64(pageByteCount)) else { return nil }
            let content = UnsafeRawBufferPointer(header)
            let flags = PageFormat.Flags(rawValue: content.number(at: 10))
            guard content.number(at: 0) == first, flags.intersection(.kinds) == .overflow else {
                return nil
            }
            return content.number(at: 12)
        }
        guard let count, count >= least else {
            return report(first, "does not begin a value of \(least) pages")
        }
        totals.overflows += UInt64(count)
        if count > 1 { _ = claim(first + 1, count: UInt64(count) - 1, by: page) }
    }
}
