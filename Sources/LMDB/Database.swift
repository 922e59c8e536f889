/// A handle to one named table of an environment: sorted keys, each with one value.
///
/// It is valid while the environment is open, in transactions that began after it was made.
public struct Database: Sendable, Hashable {
    let handle: UInt32
    let core: ObjectIdentifier
}
