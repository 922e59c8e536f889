/// The table: what is measured, with what it is compared, and what it must be.
enum Lines {
    typealias Line = (
        number: Int, needs: Peer?, measure: @Sendable (Workshop) throws -> [Row]
    )

    static let all: [Line] = [
        (1, .git, importSmall), (2, .rsync, syncSmall), (3, nil, tenTimesAsMany),
        (4, .coreutils, importLarge), (5, .rsync, syncLarge), (6, .coreutils, catLarge),
        (7, nil, wire), (8, nil, oneChange), (9, nil, live), (10, .git, list),
        (11, nil, memory), (12, nil, stores), (13, .git, start),
    ]

    /// A row of two times, of which the ratio of the shortest counts: what else runs on the machine
    /// only adds to a time.
    static func ratio(
        _ line: Int, _ work: String, _ peer: String, _ samples: (ours: Samples, theirs: Samples),
        reach: Double?, least: Double? = nil
    ) -> Row {
        Row(
            line: line, work: work, peer: peer,
            ours: samples.ours.text(.seconds), theirs: samples.theirs.text(.seconds),
            value: Quantity(samples.ours.minimum / samples.theirs.minimum, .times),
            reach: reach, least: least)
    }

    /// A row of something that is compared with nothing but its bound.
    static func plain(
        _ line: Int, _ work: String, _ samples: Samples, _ unit: Quantity.Unit, reach: Double?
    ) -> Row {
        Row(
            line: line, work: work, peer: "–", ours: samples.text(unit), theirs: "–",
            value: Quantity(samples.median, unit), reach: reach)
    }
}
