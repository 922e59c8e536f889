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
}
