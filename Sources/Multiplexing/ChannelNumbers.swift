/// Our own channel numbers: which are taken, and which may be taken again.
struct ChannelNumbers {
    struct Local {
        var name: ChannelName
        var generation: UInt32
        /// The remote's number, once both sides have opened.
        var remote: UInt32?
        var state: State
    }

    enum State { case free, open, closedEarly }

    private var locals: [Local] = []
    private var freed: [UInt32] = []
    private(set) var openCount = 0

    var channels: [Channel] {
        locals.indices.compactMap { index in
            guard locals[index].state == .open else { return nil }
            return Channel(number: UInt32(index + 1), generation: locals[index].generation)
        }
    }

    func isOpen(_ channel: Channel) -> Bool {
        let index = Int(channel.number) - 1
        return index >= 0 && index < locals.count && locals[index].state == .open
            && locals[index].generation == channel.generation
    }

    /// The open channel that has this number now.
    func channel(numbered number: UInt32) -> Channel? {
        let index = Int(number) - 1
        guard index >= 0, index < locals.count, locals[index].state == .open else { return nil }
        return Channel(number: number, generation: locals[index].generation)
    }

    /// Takes the number that was freed last, or a new one.
    mutating func take(name: ChannelName, remote: UInt32?) -> Channel {
        openCount += 1
        if let number = freed.popLast() {
            let index = Int(number) - 1
            let generation = locals[index].generation &+ 1
            locals[index] = Local(
                name: name, generation: generation, remote: remote, state: .open)
            return Channel(number: number, generation: generation)
        }
        locals.append(Local(name: name, generation: 0, remote: remote, state: .open))
        return Channel(number: UInt32(locals.count), generation: 0)
    }

    /// Notes the remote's number; `nil` if we had closed the channel before, which frees it.
    mutating func pair(_ number: UInt32, remote: UInt32) -> Channel? {
        let index = Int(number) - 1
        guard locals[index].state == .open else {
            free(index)
            return nil
        }
        locals[index].remote = remote
        return Channel(number: number, generation: locals[index].generation)
    }

    /// Closes a channel; its number is free at once only if the remote had opened it too.
    mutating func close(_ channel: Channel) -> Local? {
        guard isOpen(channel) else { return nil }
        let index = Int(channel.number) - 1
        let local = locals[index]
        openCount -= 1
        if local.remote != nil { free(index) } else { locals[index].state = .closedEarly }
        return local
    }

    /// Frees a number that the remote has rejected.
    mutating func reject(_ number: UInt32) -> (channel: Channel, name: ChannelName)? {
        let index = Int(number) - 1
        let local = locals[index]
        free(index)
        guard local.state == .open else { return nil }
        openCount -= 1
        return (Channel(number: number, generation: local.generation), local.name)
    }

    private mutating func free(_ index: Int) {
        locals[index].state = .free
        locals[index].remote = nil
        freed.append(UInt32(index + 1))
    }
}

/// Who waits for whom under which name.
struct ChannelNames {
    private struct Name {
        var openCount = 0
        /// Numbers of ours that the remote has not answered, first opened first.
        var outgoing: [UInt32] = []
        /// Numbers of the remote that nobody has answered here, first opened first.
        var incoming: [UInt32] = []
        var aliases: [ChannelName] = []

        var isUnused: Bool { openCount == 0 && outgoing.isEmpty && incoming.isEmpty }
    }

    private var names: [ChannelName: Name] = [:]
    private var primaries: [ChannelName: ChannelName] = [:]
    /// The name under which each unanswered number of ours was opened.
    private var outgoingNames: [UInt32: ChannelName] = [:]

    func openCount(of name: ChannelName) -> Int { names[primary(name)]?.openCount ?? 0 }

    private func primary(_ name: ChannelName) -> ChannelName { primaries[name] ?? name }

    mutating func didOpen(
        _ name: ChannelName, aliases: [String], number: UInt32, isAwaitingRemote: Bool
    ) {
        let key = primary(name)
        for alias in aliases {
            let other = name.renamed(alias)
            guard other != key, names[other] == nil, primaries[other] == nil else { continue }
            primaries[other] = key
            names[key, default: Name()].aliases.append(other)
        }
        names[key, default: Name()].openCount += 1
        guard isAwaitingRemote else { return }
        names[key, default: Name()].outgoing.append(number)
        outgoingNames[number] = key
    }

    mutating func didClose(_ name: ChannelName) {
        let key = primary(name)
        names[key]?.openCount -= 1
        collect(key)
    }

    mutating func didReceive(_ name: ChannelName, number: UInt32) {
        names[primary(name), default: Name()].incoming.append(number)
    }

    /// The number of ours that has waited longest for the remote to open this name.
    mutating func takeOutgoing(_ name: ChannelName) -> UInt32? {
        let key = primary(name)
        guard let state = names[key], let number = state.outgoing.first else { return nil }
        names[key]?.outgoing.removeFirst()
        outgoingNames[number] = nil
        collect(key)
        return number
    }

    /// Takes back a number of ours that the remote rejects; false if it does not wait.
    mutating func reject(_ number: UInt32) -> Bool {
        guard let key = outgoingNames.removeValue(forKey: number) else { return false }
        names[key]?.outgoing.removeAll { $0 == number }
        collect(key)
        return true
    }

    mutating func takeIncoming(_ name: ChannelName, aliases: [String]) -> UInt32? {
        for candidate in [name] + aliases.map(name.renamed) {
            let key = primary(candidate)
            guard let state = names[key], let number = state.incoming.first else { continue }
            names[key]?.incoming.removeFirst()
            collect(key)
            return number
        }
        return nil
    }

    mutating func forgetIncoming(_ name: ChannelName, number: UInt32) {
        let key = primary(name)
        names[key]?.incoming.removeAll { $0 == number }
        collect(key)
    }

    private mutating func collect(_ key: ChannelName) {
        guard let state = names[key], state.isUnused else { return }
        for alias in state.aliases { primaries[alias] = nil }
        names[key] = nil
    }
}
