import Archives
import ArgumentParser
import Multiwriter

/// How long a command waits for content that is not here.
struct PatienceArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Gives up when nothing has arrived for so long.", valueName: "seconds"))
    var timeout: Double?

    func validate() throws {
        guard let timeout else { return }
        guard timeout >= 0, timeout <= 86_400 else {
            throw ValidationError("--timeout takes seconds, from 0 to 86400")
        }
    }
}

/// How long is waited for content that is not here, and what to say when it does not come.
struct Patience {
    private let folder: String
    /// The longest time in which nothing arrives.
    let timeout: Duration

    /// Waits as long as stated; else for a while if a sync of the drive runs, and not at all if
    /// none does.
    init(_ folder: String, timeout seconds: Double?, isConnecting: Bool = false) {
        self.folder = folder
        if let seconds {
            timeout = .seconds(seconds)
        } else {
            let isHopeless = !isConnecting && SyncDesk.ask(in: folder).isEmpty
            timeout = isHopeless ? .zero : .seconds(30)
        }
    }

    /// Why nothing came, and what helps.
    var reason: String {
        let answers = SyncDesk.ask(in: folder)
        let remedy = "sync with a peer that has it, as 'mdrive \(folder) sync' does"
        guard !answers.isEmpty else { return "no sync of this drive runs: " + remedy }
        let count = answers.reduce(0) { sum, answer in
            guard case .success(let report) = answer.report else { return sum }
            return sum + (report.object?["connections"]?.array?.count ?? 0)
        }
        guard count > 0 else {
            return "the sync of this drive that runs is connected to nobody: " + remedy
        }
        let reason =
            count == 1
            ? "the connected peer has not sent it"
            : "none of the \(count) connected peers has sent it"
        return "\(reason): \(remedy)"
    }
}

extension ContentPresence {
    /// How much is missing, for a person.
    var text: String {
        missingCount == blockCount
            ? "none of its \(Quantity.count(blockCount, "block")) is here"
            : "\(missingCount) of its \(Quantity.count(blockCount, "block")) are missing"
    }
}
