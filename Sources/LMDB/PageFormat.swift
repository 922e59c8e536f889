#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// LMDB's data file as bytes: what stands where, on machines with 64 bits.
enum PageFormat {
    static let headerByteCount = 16
    static let metaByteCount = 152
    static let noPage = UInt64.max

    struct Flags: OptionSet {
        let rawValue: UInt16
        static let branch = Flags(rawValue: 0x01)
        static let leaf = Flags(rawValue: 0x02)
        static let overflow = Flags(rawValue: 0x04)
        /// Those that say what kind of page it is.
        static let kinds = Flags(rawValue: 0x6F)
    }

    struct NodeFlags: OptionSet {
        let rawValue: UInt16
        static let bigValue = NodeFlags(rawValue: 0x01)
        static let table = NodeFlags(rawValue: 0x02)
        static let duplicates = NodeFlags(rawValue: 0x04)
    }

    /// The root of one tree and what it says about itself.
    struct Tree {
        let flags: UInt16
        let depth: Int
        let branchCount: UInt64
        let leafCount: UInt64
        let overflowCount: UInt64
        let entryCount: UInt64
        let root: UInt64

        static let byteCount = 48

        /// Reads the record; the bytes must suffice.
        init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
            flags = bytes.number(at: offset + 4)
            depth = Int(bytes.number(at: offset + 6) as UInt16)
            branchCount = bytes.number(at: offset + 8)
            leafCount = bytes.number(at: offset + 16)
            overflowCount = bytes.number(at: offset + 24)
            entryCount = bytes.number(at: offset + 32)
            root = bytes.number(at: offset + 40)
        }
    }

    /// One of the two first pages, which take turns in naming the last commit.
    struct Meta {
        let pageByteCount: Int
        let free: Tree
        let main: Tree
        let lastPage: UInt64
        let transactionID: UInt64

        /// Reads a meta page; nil if it is none.
        init?(_ bytes: UnsafeRawBufferPointer) {
            guard bytes.count >= metaByteCount else { return nil }
            let magic: UInt32 = bytes.number(at: 16)
            let version: UInt32 = bytes.number(at: 20)
            let pageByteCount: UInt32 = bytes.number(at: 40)
            guard magic == 0xBEEF_C0DE, version == 1 else { return nil }
            guard pageByteCount >= 256, pageByteCount <= 65536 else { return nil }
            guard pageByteCount & (pageByteCount - 1) == 0 else { return nil }
            self.pageByteCount = Int(pageByteCount)
            free = Tree(bytes, at: 40)
            main = Tree(bytes, at: 40 + Tree.byteCount)
            lastPage = bytes.number(at: 40 + 2 * Tree.byteCount)
            transactionID = bytes.number(at: 48 + 2 * Tree.byteCount)
        }
    }
}

extension UnsafeRawBufferPointer {
    func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
        loadUnaligned(fromByteOffset: offset, as: Number.self)
    }
}

/// The data file, read by calls and not through the map, so that no damage can be a signal.
struct PageFile: ~Copyable {
    private let descriptor: Int32

    init?(path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    var byteCount: UInt64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(status.st_size) : 0
    }

    /// Fills the buffer from an offset; returns false if there is not that much.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Bool {
        pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) == buffer.count
    }

    /// Reads both meta pages; nil stands for one that is none.
    func metas() -> [PageFormat.Meta?] {
        withUnsafeTemporaryAllocation(byteCount: PageFormat.metaByteCount, alignment: 8) { buffer in
            guard read(into: buffer, at: 0) else { return [nil, nil] }
            let first = PageFormat.Meta(UnsafeRawBufferPointer(buffer))
            let pageByteCount = first?.pageByteCount ?? 4096
            guard read(into: buffer, at: UInt64(pageByteCount)) else { return [first, nil] }
            return [first, PageFormat.Meta(UnsafeRawBufferPointer(buffer))]
        }
    }
}
