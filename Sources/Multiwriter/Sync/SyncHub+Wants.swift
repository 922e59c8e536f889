import Cryptography
import Feeds
import Replication

extension SyncHub {
    /// Takes over whether the drive is sparse and what somebody waits for, here or in another
    /// process.
    func loadWants(from snapshot: borrowing StoreSnapshot) throws {
        let isSparse = try drive.isSparse(in: snapshot)
        if isSparse != self.isSparse {
            self.isSparse = isSparse
            for archive in archives.values {
                guard let content = archive.content else { continue }
                content.session.wantsEverything = !isSparse
                mark(content)
            }
        }
        try loadLookups(from: snapshot)
        let wants = try drive.wants(in: snapshot)
        guard wants != self.wants else { return }
        let former = Set(self.wants.map(\.feed))
        self.wants = wants
        let groups = Dictionary(grouping: wants, by: \.feed)
        for key in former.union(groups.keys) {
            guard let feed = feeds[key.discoveryKey] else { continue }
            feed.session.want(only: groups[key, default: []].map(\.blocks))
            mark(feed)
        }
    }

    /// Lets a feed that is new here fetch what somebody waits for.
    func takeWants(of feed: SyncFeed) {
        feed.session.want(only: wants.filter { $0.feed == feed.feed.key }.map(\.blocks))
        mark(feed)
    }

    /// Takes over what is looked up in indexes.
    private func loadLookups(from snapshot: borrowing StoreSnapshot) throws {
        let lacks = try drive.lacks(in: snapshot)
        guard lacks != self.indexLacks else { return }
        let former = Set(self.indexLacks.map(\.feed))
        self.indexLacks = lacks
        for key in former.union(lacks.map(\.feed)) {
            if let feed = feeds[key.discoveryKey] { takeLookups(of: feed) }
        }
    }

    /// Lets an index fetch what is looked up in it before all else.
    func takeLookups(of feed: SyncFeed) {
        let lacks = indexLacks.filter { $0.feed == feed.feed.key }
        guard feed.lookups.take(lacks, into: &feed.session) else { return }
        mark(feed)
    }
}
