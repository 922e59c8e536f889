/// A handle to one named table of an environment: sorted keys, each with one value.
///
/// It is valid as long as the environment is open, in every transaction that began after it was made.
public struct Database: Sendable, Hashable {
    let handle: UInt32
    let core: ObjectIdentifier
}
