/// The members of a JSON object in the order in which JavaScript lists them.
///
/// Names that are array indices come first and ascend; the others follow in the order in which
/// they were first given. A name that is given twice has its last value.
public struct JSONObject: Sendable, Hashable {
    /// One member of an object.
    public struct Member: Sendable {
        /// The member's name.
        public let name: String
        /// The member's value.
        public var value: JSONValue
    }

    /// All members, in order.
    public private(set) var members: [Member]

    /// An object without members.
    public init() { members = [] }

    /// An object with the given members, put in order.
    public init(_ members: [(name: String, value: JSONValue)]) {
        self.init(ordering: members.map { Member(name: $0.name, value: $0.value) })
    }

    /// Puts members as they were read into order.
    init(ordering given: [Member]) {
        members = given
        if given.count > 1 {
            removeRepeatedNames()
            moveIndicesToFront()
        }
    }

    /// The number of members.
    public var count: Int { members.count }

    /// The value of a member; setting `nil` removes it, a new name goes where JavaScript puts it.
    public subscript(name: String) -> JSONValue? {
        get {
            for member in members where member.name.hasSameBytes(as: name) {
                return member.value
            }
            return nil
        }
        set {
            let position = members.firstIndex { $0.name.hasSameBytes(as: name) }
            switch (position, newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): members.remove(at: position)
            case (nil, let value?):
                members.append(Member(name: name, value: value))
                if name.arrayIndex != nil { moveIndicesToFront() }
            case (nil, nil): break
            }
        }
    }

    /// Compares members in order, names by bytes.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) {
            $0.name.hasSameBytes(as: $1.name) && $0.value == $1.value
        }
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(members.count)
        for member in members {
            member.name.hashBytes(into: &hasher)
            hasher.combine(member.value)
        }
    }

    /// A few names are compared with one another; many go through a table, so that a hostile
    /// object costs no quadratic time.
    private mutating func removeRepeatedNames() {
        if members.count <= 8 {
            var position = 1
            while position < members.count {
                let name = members[position].name
                if let first = members[..<position].firstIndex(where: {
                    $0.name.hasSameBytes(as: name)
                }) {
                    members[first].value = members[position].value
                    members.remove(at: position)
                } else {
                    position += 1
                }
            }
            return
        }
        var positions: [[UInt8]: Int] = [:]
        var kept: [Member] = []
        kept.reserveCapacity(members.count)
        for member in members {
            let bytes = Array(member.name.utf8)
            if let position = positions[bytes] {
                kept[position].value = member.value
            } else {
                positions[bytes] = kept.count
                kept.append(member)
            }
        }
        members = kept
    }

    private mutating func moveIndicesToFront() {
        guard members.contains(where: { $0.name.arrayIndex != nil }) else { return }
        var indexed: [(index: UInt32, member: Member)] = []
        var named: [Member] = []
        for member in members {
            if let index = member.name.arrayIndex {
                indexed.append((index, member))
            } else {
                named.append(member)
            }
        }
        indexed.sort { $0.index < $1.index }
        members = indexed.map(\.member) + named
    }
}

extension String {
    /// The number that JavaScript takes this name for: canonical decimal below 2^32 − 1.
    var arrayIndex: UInt32? {
        guard let first = utf8.first, first >= 0x30, first <= 0x39 else { return nil }
        guard first != 0x30 || utf8.count == 1 else { return nil }
        guard let index = UInt32(self), index != .max else { return nil }
        return index
    }
}
