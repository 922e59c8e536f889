import Feeds
import Foundation
import Testing

@testable import Multiwriter

/// How a process ends in the middle of a turn.
enum Doom {
    /// Before the commit: requests may have left, what came is lost.
    case beforeCommit
    /// After the commit: what came is stored, and nobody hears of it.
    case afterCommit
}

extension SyncWorld {
    /// How a wire breaks.
    enum Cut: CaseIterable {
        /// Everything on the way is lost.
        case both
        /// A part of what is on the way arrives, up to the middle of a frame.
        case later
        /// One end is gone at once, the other notices later.
        case oneSided
    }

    func cut(_ wire: Wire, _ style: Cut) {
        switch style {
        case .both: cut(wire)
        case .later:
            for end in [wire.left, wire.right] {
                let count = Int.random(in: 0...end.incoming.count, using: &random)
                end.incoming.removeLast(end.incoming.count - count)
                end.isOver = true
            }
        case .oneSided:
            let end = Bool.random(using: &random) ? wire.left : wire.right
            end.incoming = []
            end.isOver = true
            other(end, on: wire).isOver = true
        }
        wire.isHeld = false
    }

    /// Lets a drive know that somebody here has written to it.
    func nudge(_ index: Int) { perform([.storeChanged], on: nodes[index]) }

    /// Ends a process between two turns and starts it again.
    func restart(_ index: Int) throws {
        let node = nodes[index]
        breakWires(of: node)
        node.drive.close()
        nodes[index] = try reopened(node)
    }

    /// Ends a process in its next turn; what it said before its end is on the wires.
    func die(_ node: Node, _ events: [SyncHub.Event]) {
        guard let doom = node.doom.take(), let index = nodes.firstIndex(where: { $0 === node })
        else { return }
        do {
            let file = node.drive.store.dataFilePath
            let saved = try Data(contentsOf: URL(fileURLWithPath: file))
            _ = node.hub.turn(events, now: now) { action in
                guard case .output(let number, .write(let bytes)) = action,
                    let (end, wire) = find(number, of: node)
                else { return }
                send(end.tampering?.rewrite(bytes) ?? bytes, from: end, on: wire)
            }
            breakWires(of: node)
            node.drive.close()
            if doom == .beforeCommit { try saved.write(to: URL(fileURLWithPath: file)) }
            nodes[index] = try reopened(node)
        } catch {
            Issue.record("a drive does not open after a crash: \(error)")
        }
    }

    private func reopened(_ node: Node) throws -> Node {
        var options = node.drive.options
        options.presence = .mustExist
        options.primaryKey = nil
        let reopened = Node(
            try Drive.open(at: node.drive.path, options: options), limits: node.hub.limits)
        reopened.hub.sendsRuns = node.hub.sendsRuns
        return reopened
    }

    private func breakWires(of node: Node) {
        for wire in wires {
            for end in [wire.left, wire.right] where end.node === node && end.outside == nil {
                guard end.ending == nil else { continue }
                end.ending = .failure(SyncError(.transport, "the process ended"))
                end.intake = nil
                end.incoming = []
                end.hasHungUp = true
                let far = other(end, on: wire)
                let count = Int.random(in: 0...far.incoming.count, using: &random)
                far.incoming.removeLast(far.incoming.count - count)
                far.isOver = true
            }
        }
    }

    /// Whether neither end has gone.
    func isAlive(_ wire: Wire) -> Bool {
        [wire.left, wire.right].allSatisfy { $0.ending == nil && !$0.isOver }
    }

    /// Forgets wires that are over.
    func dropDeadWires() {
        wires.removeAll { wire in
            [wire.left, wire.right].allSatisfy { end in
                end.outside != nil || end.ending != nil && end.incoming.isEmpty
            }
        }
    }
}
