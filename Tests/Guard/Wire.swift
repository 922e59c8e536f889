import Dispatch
import Multiwriter

/// Brings two drives up to date with one another, through memory.
func sync(_ left: Drive, _ right: Drive) async throws {
    let options = ReplicationOptions(isOnce: true)
    let (near, far) = (
        left.replicate(role: .initiator, options: options),
        right.replicate(role: .responder, options: options)
    )
    carry(from: near, to: far)
    carry(from: far, to: near)
    try await near.finished()
    try await far.finished()
}

/// Carries what one end of a replication sends to the other end.
private func carry(from source: ReplicationStream, to target: ReplicationStream) {
    let wire = DispatchQueue(label: "wire")
    source.start { output in
        wire.async {
            switch output {
            case .write(let bytes):
                bytes.withUnsafeBytes { target.receive($0) }
                source.didWrite(byteCount: bytes.count)
            case .close: target.end()
            case .pauseReading, .resumeReading: break
            }
        }
    }
}
