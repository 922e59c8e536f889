/// A message of the `hyperbee` extension: hints about which index blocks a reader will need.
public struct IndexHint: Sendable, Equatable {
    /// Blocks that the sender's own lookup touched.
    public struct Cache: Sendable, Equatable {
        /// The smallest block.
        public var start: UInt64
        /// One more than the largest block.
        public var end: UInt64
        /// The blocks in the order in which they were touched.
        public var blocks: [UInt64]

        /// Creates a list of touched blocks.
        public init(start: UInt64, end: UInt64, blocks: [UInt64]) {
            self.start = start
            self.end = end
            self.blocks = blocks
        }
    }

    /// A lookup that the sender is doing.
    public struct Get: Sendable, Equatable {
        /// The version that is read.
        public var version: UInt64
        /// The key that is looked up.
        public var key: [UInt8]?

        /// Creates a hint about a lookup.
        public init(version: UInt64, key: [UInt8]?) {
            self.version = version
            self.key = key
        }
    }

    /// A range that the sender is walking.
    public struct Iterator: Sendable, Equatable {
        /// The version that is read.
        public var version: UInt64 = 0
        /// The key from which the range starts, itself included.
        public var gte: [UInt8]?
        /// The key after which the range starts.
        public var gt: [UInt8]?
        /// The key with which the range ends.
        public var lte: [UInt8]?
        /// The key before which the range ends.
        public var lt: [UInt8]?
        /// The most entries wanted; 0 for no limit.
        public var limit: UInt64 = 0
        /// Whether the range is walked backwards.
        public var reverse = false
        /// Where the walk stands: block, offset and position for each tree node on its path.
        public var checkpoint: [UInt64] = []

        /// Creates a hint about the whole of version 0.
        public init() {}
    }

    /// The blocks that were touched.
    public var cache: Cache?
    /// The lookup.
    public var get: Get?
    /// The walk.
    public var iterator: Iterator?

    /// Creates a message; usually one of the parts is given.
    public init(cache: Cache? = nil, get: Get? = nil, iterator: Iterator? = nil) {
        self.cache = cache
        self.get = get
        self.iterator = iterator
    }
}
