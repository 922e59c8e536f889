package import Merkle

/// A message of the `hypercore/alpha` channel.
///
/// Buffers in it point into the frame that it was read from, or into the store.
/// See docs/formats/replication.md#messages.
package enum WireMessage {
    case sync(SyncMessage)
    case request(RequestMessage)
    case cancel(request: UInt64)
    case data(DataMessage)
    case noData(request: UInt64, reason: UInt64)
    case want(start: UInt64, length: UInt64, any: Bool)
    case unwant(start: UInt64, length: UInt64, any: Bool)
    case bitfield(start: UInt64, words: [UInt32])
    case range(isDrop: Bool, start: UInt64, length: UInt64)
    case extensionMessage(name: String, body: [UInt8])
    case runRequest(id: UInt64, RunRequest)
    case run(RunMessage)

    /// The numbers of the messages on the channel; those of runs come after Hypercore's.
    package enum Kind: UInt64, CaseIterable {
        case sync, request, cancel, data, noData, want, unwant, bitfield, range, extensionMessage
        case runRequest, run
    }

    package var kind: Kind {
        switch self {
        case .sync: .sync
        case .request: .request
        case .cancel: .cancel
        case .data: .data
        case .noData: .noData
        case .want: .want
        case .unwant: .unwant
        case .bitfield: .bitfield
        case .range: .range
        case .extensionMessage: .extensionMessage
        case .runRequest: .runRequest
        case .run: .run
        }
    }
}

/// Where a side stands and what it is willing to do.
package struct SyncMessage: Hashable, Sendable {
    package var fork: UInt64
    package var length: UInt64
    /// What the sender knows of the receiver's length.
    package var remoteLength: UInt64
    package var canUpgrade: Bool
    package var isUploading: Bool
    package var isDownloading: Bool
    package var hasManifest: Bool
    package var allowsPush: Bool

    package init(
        fork: UInt64, length: UInt64, remoteLength: UInt64, canUpgrade: Bool,
        isUploading: Bool = true, isDownloading: Bool, hasManifest: Bool, allowsPush: Bool = false
    ) {
        self.fork = fork
        self.length = length
        self.remoteLength = remoteLength
        self.canUpgrade = canUpgrade
        self.isUploading = isUploading
        self.isDownloading = isDownloading
        self.hasManifest = hasManifest
        self.allowsPush = allowsPush
    }
}

/// A request with the number under which it is answered.
package struct RequestMessage: Hashable, Sendable {
    package var id: UInt64
    package var proof: ProofRequest
    package var priority: UInt64

    package init(id: UInt64, proof: ProofRequest, priority: UInt64 = 0) {
        self.id = id
        self.proof = proof
        self.priority = priority
    }
}

/// An answer; the block's bytes are beside the proof so that they need not be copied.
package struct DataMessage {
    package var request: UInt64
    package var proof: Proof
    /// The bytes of the block, if there is one.
    package var value: UnsafeRawBufferPointer?

    package init(request: UInt64, proof: Proof, value: UnsafeRawBufferPointer? = nil) {
        self.request = request
        self.proof = proof
        self.value = value
    }
}
