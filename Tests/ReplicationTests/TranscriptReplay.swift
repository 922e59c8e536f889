import Cryptography
import Feeds
import Merkle
import Multiplexing
import Replication
import TestSupport
import Testing

/// Our side in the place of one end of a recorded connection.
final class TranscriptReplay {
    let script: TranscriptScript
    let name: String
    var site: Site
    let link: Link
    private var feeds: [(feed: TranscriptFeed, channel: UInt64, remote: UInt64)] = []
    /// What was sent from here, by channel.
    private(set) var sent: [UInt64: [OwnedMessage]] = [:]
    private(set) var sentControls: [[UInt8]] = []
    /// What becomes of each frame on the way, if the way is not sound.
    var damage: (([UInt8]) -> [[UInt8]])?
    private var hasReplied = false
    private var answered: [UInt64: Set<Int>] = [:]
    private var recordedRequests: [UInt64: [UInt64: RequestMessage]] = [:]
    /// Feeds of which only the tree could be built, since the recording lacks the blocks.
    private(set) var blockless: Set<UInt64> = []

    init(
        _ script: TranscriptScript, name: String, salt: UInt64
    ) throws {
        self.script = script
        self.name = name
        site = try Site()
        let hash = try #require(Digest64(script.run.handshakeHash.hex))
        link = Link(site: site, isInitiator: script.side == "initiator", handshakeHash: hash)
        for open in script.opens {
            let core = try #require(
                script.run.uploaderCores.items.first {
                    $0.discoveryKey.bytes == open.discoveryKey
                })
            var feed = try #require(
                TranscriptFeed(
                    core: core, run: script.run, writers: TranscriptFeed.writers, salt: salt),
                "\(name): no key pair found")
            let remote = try #require(script.remoteChannel(of: open.discoveryKey))
            for message in script.messages(isOurs: false, channel: remote, withDamaged: false)
                + script.messages(isOurs: true, channel: open.channel, withDamaged: false)
            {
                guard case .data(let data) = message.message, let block = data.proof.block else {
                    continue
                }
                feed.values[data.proof.fork, default: [:]][block.index] = message.value
            }
            feeds.append((feed, open.channel, remote))
        }
        for (index, entry) in feeds.enumerated() {
            try build(entry.feed, channel: entry.channel, remote: entry.remote, core: index)
        }
        site.links.append(link)
        for entry in feeds { try site.open(entry.feed.key, on: link) }
    }

    // MARK: The beginning

    private func build(
        _ feed: TranscriptFeed, channel: UInt64, remote: UInt64, core: Int
    ) throws {
        let ours = script.messages(isOurs: true, channel: channel)
        let sound = script.messages(isOurs: true, channel: channel, withDamaged: false)
        let first = try #require(ours.syncs.first)
        if first.length == 0 && first.fork == 0 {
            try site.add(feed.key, wantsEverything: false)
        } else {
            try feed.make(in: site, fork: first.fork, length: first.length)
            if try !makesRecordedProofs(feed, sound) {
                blockless.insert(channel)
                site = try Site()
                link.site = site
                try buildFromProofs(feed, sound)
            } else {
                try clearMissing(feed, channel: channel, remote: remote, core: core)
            }
        }
        site.sessions[feed.key]?.isDownloading = first.isDownloading
        let requests = ours.requests
        site.sessions[feed.key]?.asksForNewestBlock = requests.contains {
            $0.proof.block != nil && $0.proof.upgrade != nil
        }
        site.sessions[feed.key]?.preferredBlocks = requests.compactMap {
            $0.proof.hash?.index.firstBlock
        }
        for request in requests {
            guard let block = request.proof.block?.index else { continue }
            if request.priority > 0 {
                site.sessions[feed.key]?.want(block: block)
            } else {
                site.sessions[feed.key]?.want(block..<block + 1)
            }
        }
        for message in script.messages(isOurs: false, channel: remote).extensions {
            site.sessions[feed.key]?.registerExtension(message.0)
        }
    }

    /// Whether the built feed proves what was recorded.
    private func makesRecordedProofs(_ feed: TranscriptFeed, _ ours: [OwnedMessage]) throws -> Bool
    {
        for message in ours {
            guard case .data(let data) = message.message, let upgrade = data.proof.upgrade,
                upgrade.start == 0, let handle = site.sessions[feed.key]?.feed
            else { continue }
            let head = try site.head(feed.key)
            guard upgrade.endLength == head.length, data.proof.fork == head.fork else { continue }
            let signature = try site.store.read { try $0.signature(of: handle) }
            if signature != upgrade.signature { return false }
        }
        return true
    }

    private func buildFromProofs(_ feed: TranscriptFeed, _ ours: [OwnedMessage]) throws {
        try site.store.write { transaction in
            let handle = try transaction.addFeed(feed.key)
            try transaction.setManifest(feed.manifest, of: handle)
            for message in ours {
                guard case .data(let data) = message.message,
                    let upgrade = data.proof.upgrade, upgrade.start == 0
                else { continue }
                _ = try transaction.apply(data.proof, to: handle)
            }
        }
        try site.add(feed.key, wantsEverything: false)
    }

    /// Clears what this end did not hold at the beginning.
    private func clearMissing(
        _ feed: TranscriptFeed, channel: UInt64, remote: UInt64, core: Int
    ) throws {
        let ours = script.messages(isOurs: true, channel: channel)
        let length = try site.head(feed.key).length
        let contiguous = ours.prefix(3).reduce(0 as UInt64) { longest, item in
            guard case .range(false, 0, let length) = item.message else { return longest }
            return max(longest, length)
        }
        guard contiguous < length, core < script.coresAtEnd.count else { return }
        var held = Set(0..<contiguous)
        for range in script.coresAtEnd[core].have.items {
            held.formUnion(range[0].int..<range[1].int)
        }
        for message in script.messages(isOurs: false, channel: remote, withDamaged: false) {
            if case .data(let data) = message.message, let block = data.proof.block {
                held.remove(block.index)
            }
        }
        let handle = try #require(site.sessions[feed.key]?.feed)
        try site.store.write { transaction in
            for index in 0..<length where !held.contains(index) {
                try transaction.clear(index..<index + 1, of: handle)
            }
        }
        try site.refresh(feed.key)
    }

    // MARK: Playing

    func play() throws {
        try work()
        for step in script.steps {
            switch step {
            case .note(let note): try perform(note)
            case .sent(let messages, _): noteRecorded(messages)
            case .receive(let messages, _):
                let frame = TranscriptFrame.make(try messages.map(translate))
                link.incoming += damage.map { $0(frame) } ?? [frame]
            }
            try work()
            try replyToExtensions()
        }
    }

    /// Extension messages that no note tells of were sent by an application in reply.
    private func replyToExtensions() throws {
        let isTold = script.steps.contains { step in
            guard case .note(let note) = step else { return false }
            return note.contains("extension") && note.hasPrefix(role)
        }
        guard !isTold, !hasReplied, !site.events.isEmpty, let entry = feeds.first else { return }
        let received = site.events.contains { event in
            if case .extensionMessage = event { true } else { false }
        }
        guard received else { return }
        hasReplied = true
        sendExtensions(entry.feed.key, channel: entry.channel)
        try work()
    }

    private var role: String { script.isUploader ? "uploader" : "downloader" }

    private func work() throws {
        while try site.turn() {}
        for frame in link.sent {
            for message in try TranscriptFrame.parse(frame) {
                switch message.content {
                case .control(let bytes): sentControls.append(bytes)
                case .message(let type, let body):
                    let owned = try #require(OwnedMessage(type: type, body: body))
                    sent[message.channel, default: []].append(owned)
                }
            }
        }
        link.sent = []
    }

    private func noteRecorded(_ messages: [RecordedMessage]) {
        for recorded in messages {
            guard case .message(let type, let body) = recorded.content,
                let owned = OwnedMessage(type: type, body: body),
                case .request(let request) = owned.message
            else { continue }
            recordedRequests[recorded.channel, default: [:]][request.id] = request
        }
    }

    /// Gives an answer the number under which we have asked for the same.
    private func translate(_ recorded: RecordedMessage) throws -> RecordedMessage {
        guard case .message(let type, let body) = recorded.content,
            let owned = OwnedMessage(type: type, body: body)
        else { return recorded }
        let id: UInt64
        switch owned.message {
        case .data(let data): id = data.request
        case .noData(let request, _): id = request
        default: return recorded
        }
        guard id > 0, let entry = feeds.first(where: { $0.remote == recorded.channel }),
            let asked = recordedRequests[entry.channel]?[id]
        else { return recorded }
        let ours = sent[entry.channel] ?? []
        let index = ours.indices.first { index in
            guard case .request(let request) = ours[index].message,
                answered[entry.channel]?.contains(index) != true
            else { return false }
            return request.id > 0 && request.isSame(as: asked)
        }
        guard let index, case .request(let request) = ours[index].message else {
            if damage == nil { Issue.record("\(name): we did not ask for \(asked)") }
            return recorded
        }
        answered[entry.channel, default: []].insert(index)
        return RecordedMessage(
            channel: recorded.channel,
            content: .message(
                type: type,
                body: try TranscriptFrame.renumbered(body, type: type, to: request.id)))
    }

    // MARK: Notes

    private func perform(_ note: String) throws {
        let words = note.split(separator: " ").map(String.init)
        guard let entry = feeds.first, let handle = site.sessions[entry.feed.key]?.feed else {
            return
        }
        let key = entry.feed.key
        let head = try site.head(key)
        if note.hasPrefix("writer truncates to "), script.isUploader {
            let length = try #require(words.last.flatMap { UInt64($0) })
            _ = try site.store.write {
                try $0.truncate(handle, to: length, signingWith: entry.feed.keyPair)
            }
        } else if note.hasPrefix("writer appends "), script.isUploader {
            let count = words[2] == "one" ? 1 : try #require(UInt64(words[2]))
            try site.store.write { transaction in
                try entry.feed.append(
                    head.length..<head.length + count, fork: head.fork, to: handle,
                    in: transaction)
            }
        } else if note.hasPrefix("downloader seeks to byte "), !script.isUploader {
            let byte = try #require(words.last.flatMap { UInt64($0) })
            _ = site.sessions[key]?.seek(toByte: byte)
        } else if note.contains("closes its only active session"), !script.isUploader {
            site.sessions[key]?.isDownloading = false
        } else if note.contains("extension messages"), note.hasPrefix(role) {
            sendExtensions(key, channel: entry.channel)
        }
        try site.refresh(key)
    }

    private func sendExtensions(_ key: FeedKey, channel: UInt64) {
        guard let peer = site.sessions[key]?.peers.first else { return }
        var last = ""
        for (name, body) in script.messages(isOurs: true, channel: channel).extensions {
            if !name.isEmpty { last = name }
            site.sessions[key]?.sendExtension(last, body: body, to: peer)
        }
    }

    var channels: [(feed: FeedKey, channel: UInt64, remote: UInt64)] {
        feeds.map { ($0.feed.key, $0.channel, $0.remote) }
    }

    func isEncrypted(_ key: FeedKey) -> Bool {
        feeds.contains { $0.feed.key == key && $0.feed.encryptionKey != nil }
    }
}

extension RequestMessage {
    /// Whether another request asks for the same; steps upwards depend on what was held when.
    func isSame(as other: RequestMessage) -> Bool {
        proof.fork == other.proof.fork && proof.block?.index == other.proof.block?.index
            && proof.hash == other.proof.hash && proof.seek == other.proof.seek
            && proof.upgrade == other.proof.upgrade && proof.manifest == other.proof.manifest
    }
}
