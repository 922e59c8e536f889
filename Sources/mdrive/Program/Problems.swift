import Multiwriter

extension [ViewProblem] {
    /// Writes a line for each, and fails if there is one that a sync would not mend by itself.
    func report() throws {
        for problem in self { StandardError.write("\(problem)") }
        if contains(where: { $0.kind != .missingBlocks }) { throw Failed() }
    }
}

extension [FolderProblem] {
    /// Writes a line for each, and one for those that were only counted; fails if there is any.
    func report(count: Int) throws {
        for problem in self { StandardError.write("\(problem)") }
        if count > self.count {
            StandardError.write("and \(count - self.count) more of the kind")
        }
        if count > 0 { throw Failed() }
    }
}

/// A failure about which everything was said.
struct Failed: Error {}
