import ArgumentParser

/// A drive that many people write to, without a server.
@main
struct Mdrive: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "mdrive")
}
