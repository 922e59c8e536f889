/// Who is connected with whom.
enum Topology: CaseIterable {
    case chain, star, ring, random

    /// The connections of so many drives; everybody can be reached from everybody.
    func edges(_ count: Int, using random: inout SplitMix) -> [(Int, Int)] {
        guard count > 1 else { return [] }
        switch self {
        case .chain: return (1..<count).map { ($0 - 1, $0) }
        case .star: return (1..<count).map { (0, $0) }
        case .ring: return (0..<count).map { ($0, ($0 + 1) % count) }
        case .random:
            var edges = (1..<count).map { (Int.random(in: 0..<$0, using: &random), $0) }
            for _ in 0..<count / 2 {
                let left = Int.random(in: 0..<count, using: &random)
                let right = Int.random(in: 0..<count, using: &random)
                if left != right { edges.append((left, right)) }
            }
            return edges
        }
    }
}
