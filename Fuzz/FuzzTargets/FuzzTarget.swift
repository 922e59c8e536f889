/// One thing that is fuzzed: a decoder, or a state machine with what surrounds it.
struct FuzzTarget: Sendable {
    /// The name by which it is run.
    let name: String
    /// Inputs from which the search begins.
    let seeds: [Seed]
    /// Runs one input; whatever must not happen traps.
    let run: @Sendable (UnsafeRawBufferPointer) throws -> Void

    init(
        _ name: String, seeds: [Seed] = [],
        _ run: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) {
        self.name = name
        self.seeds = seeds
        self.run = run
    }

    /// All targets, in the order of the README.
    static let all: [FuzzTarget] = codecs + merkle + streams + texts + machines

    static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Where inputs to begin with come from.
enum Seed: Sendable {
    /// Values of a member in the vector files whose names begin so, written as hexadecimal digits.
    case bytes(file: String, member: String, prefix: [UInt8])
    /// The same, as text.
    case text(file: String, member: String)
    /// Values of a member that are no text, as JSON.
    case json(file: String, member: String)
    /// All values of a member below the items of a list, one input a list: each with its length.
    case chunks(file: String, list: String, member: String, prefix: [UInt8])
    /// Inputs that a function makes.
    case made(@Sendable () throws -> [[UInt8]])

    static func bytes(_ file: String, _ member: String, prefix: [UInt8] = []) -> Seed {
        .bytes(file: file, member: member, prefix: prefix)
    }

    static func text(_ file: String, _ member: String) -> Seed {
        .text(file: file, member: member)
    }
}

/// Traps if something does not hold that no input may change.
@inline(__always)
func require(_ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String) {
    guard !condition() else { return }
    fail(message())
}

/// Traps with a sentence.
func fail(_ message: String) -> Never { preconditionFailure(message) }
