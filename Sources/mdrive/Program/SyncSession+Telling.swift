import Archives
import Cryptography
import Multiwriter

/// What a person who watches is told: one line an event, and one line that changes.
extension SyncSession {
    /// Writes a line for everything that happens, without `--verbose` for what is wrong alone.
    func tellEvents() {
        let (isVerbose, report, pokes) = (isVerbose, report, pokes)
        drive.onSyncEvent { event in
            let sentence = Self.sentence(event)
            report.note(event, as: sentence)
            switch event.kind {
            // Nobody was reached, which whoever dialled says better.
            case .ended where event.peer == nil && event.message.isEmpty: return
            case .refused, .refusedByPeer, .problem: break
            case .connected, .opened, .ended, .learned, .settled: guard isVerbose else { return }
            }
            StandardError.write(sentence)
            pokes.yield()
        }
    }

    private static func sentence(_ event: SyncEvent) -> String {
        let peer = event.peer.map { "peer \($0.hexadecimal.prefix(8))" }
        let far = [event.address, peer].compactMap(\.self).joined(separator: ", ")
        let place = far.isEmpty ? "" : " (\(far))"
        let feed = event.feed?.id ?? "?"
        switch event.kind {
        case .connected: return "connected" + place
        case .opened: return "talking about feed \(feed)" + place
        case .settled: return "up to date" + place
        case .ended where event.message.isEmpty: return "disconnected" + place
        case .ended: return "disconnected: \(event.message)" + place
        case .learned, .refused, .refusedByPeer, .problem: return event.message + place
        }
    }

    /// Says what is missing and not to be had, whenever that changes, until the task is cancelled.
    func tellLacks() async -> Outcome {
        var told: Set<String> = []
        for await _ in lackMoments {
            let status = drive.syncStatus
            // While the greetings last, nobody knows who has what.
            guard !status.peers.isEmpty,
                status.peers.allSatisfy({ $0.waitingFor == nil || $0.isSettled })
            else { continue }
            let sentences = status.lacks.filter(\.connections.isEmpty).map {
                SyncAnswerText.lack(SyncReport.json($0))
            }
            for sentence in sentences where !told.contains(sentence) {
                StandardError.write("waiting: \(sentence)")
            }
            told = Set(sentences)
        }
        return .done
    }

    func showProgress() async -> Outcome {
        var pace = Pace()
        let start = ContinuousClock.now
        while !Task.isCancelled {
            let status = drive.syncStatus
            pace.note(
                status.receivedByteCount + status.sentByteCount, at: ContinuousClock.now - start)
            ProgressLine.shared.show { Self.text(status, pace) }
            try? await Task.sleep(for: .milliseconds(200))
        }
        return .done
    }

    private static func text(_ status: SyncStatus, _ pace: Pace) -> String {
        guard !status.peers.isEmpty else { return "waiting for a peer" }
        var parts = [
            Quantity.count(status.peers.count, "peer"),
            "in \(Quantity.bytes(status.receivedByteCount))",
            "out \(Quantity.bytes(status.sentByteCount))",
        ]
        if let rate = pace.bytesPerSecond { parts.append(Quantity.bytes(UInt64(rate)) + "/s") }
        if status.missingBlockCount > 0 {
            parts.append(Quantity.count(status.missingBlockCount, "block") + " missing")
        } else if status.peers.allSatisfy(\.isSettled) {
            parts.append("up to date")
        } else if let reason = status.peers.lazy.compactMap(\.waitingFor).first {
            parts.append(reason)
        }
        return parts.joined(separator: "  ")
    }
}
