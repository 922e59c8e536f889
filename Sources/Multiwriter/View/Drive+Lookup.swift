import Feeds

extension Drive {
    /// What stands at a path, waiting for what of an index is needed and not here.
    ///
    /// Whoever is connected, in whatever process, fetches it. When that has not come in time the
    /// answer is what is known. An archive whose index nobody has is waited for in vain.
    /// - Throws: `DriveError` with `timedOut` if nothing stands there as far as is known.
    public func entry(at name: String, waiting timeout: Duration) async throws -> ViewEntry? {
        let path = try DrivePath(folder: name)
        return try await whole(timeout) { snapshot in
            var view = try MergedView(of: self, in: snapshot)
            let entry = view.entry(at: path, includesDeleted: false, in: snapshot)
            if !view.problems.lacks.isEmpty { view.gatherLacks(at: path, in: snapshot) }
            return (entry, view.problems.lacks)
        } orElse: { entry in
            if entry == nil {
                throw DriveError(.timedOut, "what is needed to find '\(name)' has not arrived")
            }
        }
    }

    /// Reads something of the view until no block of an index is missing for it, or time is up.
    ///
    /// - Returns: what was read last.
    func whole<Value: Sendable>(
        _ timeout: Duration,
        _ read: @escaping @Sendable (borrowing StoreSnapshot) throws -> (Value, [IndexLack]),
        orElse giveUp: (Value) throws -> Void = { _ in }
    ) async throws -> Value {
        var asked: [IndexLack] = []
        var (value, lacks) = try await self.read(read)
        while !lacks.isEmpty, timeout > .zero, !options.isReadOnly {
            let (old, new) = (asked, lacks)
            try await write { transaction in
                try self.unwant(old.filter { !new.contains($0) }, in: transaction)
                try self.want(new, in: transaction)
            }
            asked = lacks
            let next: (Value, [IndexLack])?
            do {
                next = try await wait(timeout, ContinuousClock()) {
                    () async throws -> (Value, [IndexLack])? in
                    let next = try await self.read(read)
                    return next.1 == new ? nil : next
                }
            } catch {
                try? await write { try self.unwant(new, in: $0) }
                throw error
            }
            guard let next else { break }
            (value, lacks) = next
        }
        if !asked.isEmpty {
            let left = asked
            try await write { try self.unwant(left, in: $0) }
        }
        if !lacks.isEmpty { try giveUp(value) }
        return value
    }
}
