/// What several repetitions gave.
struct Samples {
    /// From the smallest to the largest.
    let values: [Double]

    init(_ values: [Double]) {
        precondition(!values.isEmpty, "something was measured")
        self.values = values.sorted()
    }

    var minimum: Double { values[0] }
    var maximum: Double { values[values.count - 1] }

    var median: Double {
        let middle = values.count / 2
        return values.count % 2 == 1
            ? values[middle] : (values[middle - 1] + values[middle]) / 2
    }
}

extension Samples {
    /// Measures two things in turn, the first of them once first and once last.
    ///
    /// One run of each before is not counted: it fills the caches.
    static func alternating(
        _ count: Int, _ ours: () throws -> Double, _ theirs: () throws -> Double
    ) rethrows -> (ours: Samples, theirs: Samples) {
        var (near, far): ([Double], [Double]) = ([], [])
        _ = (try ours(), try theirs())
        for number in 0..<count {
            if number % 2 == 0 {
                near.append(try ours())
                far.append(try theirs())
            } else {
                far.append(try theirs())
                near.append(try ours())
            }
        }
        return (Samples(near), Samples(far))
    }
}
