import LMDB

extension FeedStore {
    /// Lets this process keep up to 8 MiB that a large commit has freed, for the next one.
    ///
    /// It concerns the whole process, so a program decides it, before it opens a store.
    public static func keepFreedMemory() { FreedMemory.keep(byteCount: 8 << 20) }
}
