public import Benchmark

/// The benchmarks of one module, whose name stands in front of theirs, so that a filter finds them.
public struct ModuleBenchmarks {
    private let module: String

    /// How often the work is repeated in one sample; figures are of one repetition.
    public typealias Scaling = BenchmarkScalingFactor

    /// Names the module, and sets what is measured.
    public init(
        of module: String,
        metrics: [BenchmarkMetric] = [
            .wallClock, .throughput, .instructions, .peakMemoryResident,
        ]
    ) {
        self.module = module
        Benchmark.defaultConfiguration = .init(
            metrics: metrics,
            warmupIterations: 1, maxDuration: .seconds(2), maxIterations: 2000)
    }

    private func configuration(_ scaling: Scaling, _ samples: Int?) -> Benchmark.Configuration {
        var configuration = Benchmark.defaultConfiguration
        configuration.scalingFactor = scaling
        if let samples {
            // So many samples however long they take, within reason.
            configuration.maxIterations = samples
            configuration.maxDuration = .seconds(20)
        }
        return configuration
    }

    /// Measures work that needs no preparation.
    public func add(
        _ name: String, scaling: Scaling = .one, samples: Int? = nil,
        _ body: @escaping (Benchmark) throws -> Void
    ) {
        Benchmark(
            "\(module): \(name)", configuration: configuration(scaling, samples), closure: body)
    }

    /// Measures work on something that is prepared once, before all samples, and dropped after.
    public func add<State>(
        _ name: String, scaling: Scaling = .one, samples: Int? = nil,
        setUp: @escaping () throws -> State, _ body: @escaping (Benchmark, State) throws -> Void
    ) {
        let prepared = Prepared<State>()
        Benchmark(
            "\(module): \(name)", configuration: configuration(scaling, samples),
            closure: { benchmark in try body(benchmark, prepared.get()) },
            setup: { prepared.state = try setUp() }, teardown: { prepared.state = nil })
    }

    /// Measures work that waits, on something that is prepared once.
    public func addAsync<State>(
        _ name: String, scaling: Scaling = .one, samples: Int? = nil,
        setUp: @escaping () async throws -> State,
        _ body: @escaping (Benchmark, State) async throws -> Void
    ) {
        let prepared = Prepared<State>()
        Benchmark(
            "\(module): \(name)", configuration: configuration(scaling, samples),
            closure: { benchmark in try await body(benchmark, prepared.get()) },
            setup: { prepared.state = try await setUp() }, teardown: { prepared.state = nil })
    }
}

/// What a benchmark works on; it goes with the last sample, so that nothing is left on the disk.
private final class Prepared<State> {
    var state: State?

    func get() -> State {
        guard let state else { preconditionFailure("the state is prepared before the samples") }
        return state
    }
}
