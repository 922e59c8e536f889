import Cryptography
import Merkle

extension Proof {
    /// Changes something, as the input says.
    mutating func change(_ source: inout ByteSource, nodes pool: MemoryTree) {
        switch source.number(below: 12) {
        case 0: fork &+= source.size()
        case 1: block?.value.change(&source)
        case 2: block?.index ^= source.size()
        case 3:
            let index = hash?.index.value ?? 0
            hash?.index = TreeIndex(index ^ source.size())
        case 4: upgrade?.length ^= source.size()
        case 5: upgrade?.start ^= source.size()
        case 6: upgrade?.signature.change(&source)
        case 7: block?.nodes.change(&source, pool)
        case 8: hash?.nodes.change(&source, pool)
        case 9: seek?.nodes.change(&source, pool)
        case 10: upgrade?.nodes.change(&source, pool)
        default: upgrade?.additionalNodes.change(&source, pool)
        }
    }

    /// Takes a part from another answer.
    mutating func take(partOf other: Proof, _ source: inout ByteSource) {
        switch source.number(below: 6) {
        case 0: block = other.block
        case 1: hash = other.hash
        case 2: seek = other.seek
        case 3: upgrade = other.upgrade
        case 4: manifest = other.manifest
        default: block?.nodes += other.block?.nodes ?? []
        }
    }
}

extension [UInt8] {
    /// Flips a bit, appends or cuts.
    mutating func change(_ source: inout ByteSource) {
        switch source.number(below: 4) {
        case 0: append(source.byte())
        case 1 where !isEmpty: removeLast(1 + source.number(below: count))
        case 2 where !isEmpty:
            self[source.number(below: count)] = source.byte()
        default:
            guard !isEmpty else { return }
            self[source.number(below: count)] ^= 1 << (source.byte() & 7)
        }
    }
}

extension [Node] {
    /// Changes a list of nodes; a node of the real tree may join it.
    mutating func change(_ source: inout ByteSource, _ pool: MemoryTree) {
        let real = pool.nodes[TreeIndex(UInt64(source.byte()))]
        guard !isEmpty else {
            if let real { append(real) }
            return
        }
        let place = source.number(below: count)
        switch source.number(below: 9) {
        case 0: self[place].size = source.size()
        case 1: self[place].index = self[place].index.sibling
        case 2: self[place].index = TreeIndex(source.size())
        case 3: self[place].hash = Digest.leaf([1, 2, 3])
        case 4: remove(at: place)
        case 5: append(self[place])
        case 6: if let real { self[place] = real }
        case 7: if let real { insert(real, at: place) }
        default:
            // Bytes moved from one node to its neighbour: sums stay as they are.
            let other = (place + 1) % count
            guard self[place].size > 0, other != place else { return }
            self[place].size -= 1
            self[other].size &+= 1
        }
    }
}
