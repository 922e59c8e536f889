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

    /// Measures work on something that is prepared once, before all samples.
    public func add<State>(
        _ name: String, scaling: Scaling = .one, samples: Int? = nil,
        setUp: @escaping () throws -> State, _ body: @escaping (Benchmark, State) throws -> Void
    ) {
        Benchmark(
            "\(module): \(name)", configuration: configuration(scaling, samples), closure: body,
            setup: { try setUp() })
    }

    /// Measures work that waits, on something that is prepared once.
    public func addAsync<State>(
        _ name: String, scaling: Scaling = .one, samples: Int? = nil,
        setUp: @escaping () async throws -> State,
        _ body: @escaping (Benchmark, State) async throws -> Void
    ) {
        Benchmark(
            "\(module): \(name)", configuration: configuration(scaling, samples), closure: body,
            setup: setUp)
    }
}
