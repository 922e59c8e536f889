#if canImport(Glibc)
    public import Glibc

    /// What becomes of a program's files before it starts.
    public typealias FileActions = posix_spawn_file_actions_t
#else
    public import Darwin

    /// What becomes of a program's files before it starts.
    public typealias FileActions = posix_spawn_file_actions_t?
#endif

/// A program that could not be run, or that failed.
public struct ProgramFailure: Error, CustomStringConvertible {
    /// What has happened.
    public let description: String

    /// Makes a failure.
    public init(description: String) { self.description = description }
}

/// Starts a program that is looked for as a shell does, and returns its process.
public func spawn(
    _ command: [String], redirecting redirect: (inout FileActions) -> Void
) throws -> pid_t {
    #if canImport(Glibc)
        var actions = posix_spawn_file_actions_t()
    #else
        var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    redirect(&actions)
    let strings = command.map { strdup($0) }
    defer { for string in strings { free(string) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, command[0], &actions, nil, strings + [nil], environ)
    guard code == 0 else {
        throw ProgramFailure(description: "\(command[0]) cannot be run: \(code)")
    }
    return process
}
