extension ReadTransaction {
    /// Counts bytes of values that were read and are done with.
    ///
    /// From time to time the memory of all values is given back to the system, so that who reads
    /// a lot does not seem to hold all of it. Values stay readable, those that are lent as well;
    /// reading them again maps them again.
    public func noteSpent(byteCount: Int) {
        guard core.mapMemory.add(byteCount), !isWriting else { return }
        core.releaseMap(in: pointer)
    }
}
