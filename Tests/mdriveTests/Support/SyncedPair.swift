import Foundation
import Synchronization
import Testing

/// Two programs of which each reads what the other writes.
struct SyncedPair {
    enum Wire: CaseIterable {
        case pipes
        case sockets
    }

    let first: Talker
    let second: Talker

    /// Starts both; each gets the words after its folder.
    init(
        _ world: World, _ first: [String], _ second: [String], over wire: Wire = .pipes
    ) throws {
        switch wire {
        case .pipes:
            let (firstReader, secondWriter) = try Descriptor.pipe()
            let (secondReader, firstWriter) = try Descriptor.pipe()
            self.first = try Talker(world, first, input: firstReader, output: firstWriter)
            self.second = try Talker(world, second, input: secondReader, output: secondWriter)
        case .sockets:
            let (one, other) = try Descriptor.socketPair()
            self.first = try Talker(world, first, input: one, output: one)
            self.second = try Talker(world, second, input: other, output: other)
        }
    }

    /// Interrupts both as a terminal does, and expects that they end cleanly.
    func interrupt(location: SourceLocation = #_sourceLocation) async {
        for side in [first, second] { side.program.send(SIGINT) }
        for side in [first, second] {
            let outcome = await side.finished()
            #expect(outcome.ending == .exit(0), "\(outcome)", sourceLocation: location)
        }
    }
}

/// A program that runs while a test looks at what it says.
final class Talker: Sendable {
    let program: RunningProgram
    private let said = Mutex<[UInt8]>([])
    private let lines: AsyncStream<String>
    private let isOver: AsyncStream<Void>

    init(
        _ world: World, _ words: [String], input: Descriptor? = nil, output: Descriptor? = nil,
        prefix: [String] = []
    ) throws {
        let (reader, writer) = try Descriptor.pipe()
        program = try RunningProgram(
            prefix + [Program.path] + words, in: world.folder,
            input: input ?? .file("/dev/null", O_RDONLY),
            output: output ?? .file("/dev/null", O_WRONLY), errors: writer)
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        let (isOver, over) = AsyncStream.makeStream(of: Void.self)
        self.lines = lines
        self.isOver = isOver
        Thread.detachNewThread { [self] in
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(reader.number, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                said.withLock { $0 += buffer[..<count] }
                rest += buffer[..<count]
                while let end = rest.firstIndex(of: 0x0A) {
                    line.yield(String(decoding: rest[..<end], as: UTF8.self))
                    rest.removeSubrange(...end)
                }
            }
            line.finish()
            over.finish()
        }
    }

    /// Waits for a line with certain words and returns it; `nil` if the program ended before.
    func line(with words: String) async -> String? {
        for await line in lines where line.contains(words) { return line }
        return nil
    }

    /// Waits for the end and returns everything that was said.
    func finished() async -> Outcome {
        let ending = await program.finished()
        for await _ in isOver {}
        return Outcome(
            ending: ending, output: [],
            errors: said.withLock { String(decoding: $0, as: UTF8.self) })
    }
}
