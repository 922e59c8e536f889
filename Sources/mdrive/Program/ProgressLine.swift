import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One line on the terminal that says how far long work has come; nothing at all in a pipe.
final class ProgressLine: Sendable {
    static let shared = ProgressLine()

    private struct State {
        var text = ""
        var lastDrawing: ContinuousClock.Instant?
    }

    /// Whether there is a terminal to draw on.
    let isShown = StandardStreams.isTerminal(STDERR_FILENO)
    private let state = Mutex(State())
    private static let pause = Duration.milliseconds(100)

    /// Replaces the line, unless it was drawn just now.
    func show(_ text: () -> String) {
        guard isShown else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastDrawing, now - last < Self.pause { return }
            state.lastDrawing = now
            state.text = text().withoutControls
            Self.draw(state.text)
        }
    }

    /// Takes the line away.
    func clear() {
        guard isShown else { return }
        state.withLock { state in
            guard !state.text.isEmpty else { return }
            Self.erase()
            state.text = ""
        }
    }

    /// Runs something that writes lines of its own, with the progress out of the way.
    func withoutLine(_ body: () -> Void) {
        state.withLock { state in
            if !state.text.isEmpty { Self.erase() }
            body()
            if !state.text.isEmpty { Self.draw(state.text) }
        }
    }

    private static func draw(_ text: String) {
        StandardError.raw("\r" + String(text.prefix(columnCount - 1)) + "\u{1B}[K")
    }

    private static func erase() { StandardError.raw("\r\u{1B}[K") }

    private static var columnCount: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
    }
}
