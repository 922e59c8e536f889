import BenchmarkWork
import Foundation

/// The other programs.
enum Peer: String, CaseIterable {
    case rsync, git
    case coreutils = "b2sum"

    /// The package of the distribution that has it.
    private var package: String {
        switch self {
        case .rsync: "rsync"
        case .git: "git"
        case .coreutils: "coreutils"
        }
    }

    var isInstalled: Bool { Self.isInstalled(rawValue) }

    private static func isInstalled(_ name: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    /// How to install it.
    var remedy: String {
        let command = Self.isInstalled("brew") ? "brew install" : "sudo apt-get install"
        return "\(rawValue) is not installed, and its lines are left out: \(command) \(package)"
    }

    /// Its name and version, as it says itself.
    func version(in scratch: Scratch) throws -> String {
        let path = scratch.next()
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { return rawValue }
        try Child([rawValue, "--version"], output: file.fileDescriptor, in: scratch).wait()
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let words = text.prefix { $0 != "\n" }.split(separator: " ")
        return words.first { $0.first?.isNumber == true }.map { "\(rawValue) \($0)" } ?? rawValue
    }
}

extension Workshop {
    /// What makes git the same on every machine, and keeps it from tidying up in the background
    /// while the next thing is measured.
    static func settleGit() {
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@b"), ("GIT_COMMITTER_NAME", "a"),
            ("GIT_COMMITTER_EMAIL", "a@b"), ("LC_ALL", "C"),
        ] {
            setenv(name, value, 1)
        }
    }

    /// A repository that has a folder as its work tree and nothing in it.
    func makeRepository(of tree: String) throws -> [String] {
        let repository = scratch.next()
        let git = ["git", "--git-dir", repository, "--work-tree", tree]
        try run(git + ["init", "-q"])
        for setting in ["gc.auto", "maintenance.auto"] {
            try run(git + ["config", setting, "0"])
        }
        return git
    }

    /// Starts a server that has the folders of this workshop.
    func startRsync() throws -> (Child, address: String, port: UInt16) {
        let port = try Socket.freePort()
        let path = scratch.next()
        let owner = getuid() == 0 ? "uid = root\ngid = root\n" : ""
        try """
        use chroot = no
        \(owner)[files]
        path = \(scratch.folder.path)
        read only = yes

        """.write(toFile: path, atomically: true, encoding: .utf8)
        let server = try Child(
            [
                "rsync", "--daemon", "--no-detach", "--config=\(path)", "--port=\(port)",
                "--address=127.0.0.1",
            ], in: scratch)
        for _ in 0..<1000 {
            let probe = socket(AF_INET, Socket.stream, 0)
            defer { close(probe) }
            if Socket.connect(probe, to: port) { break }
            usleep(2000)
        }
        return (server, "rsync://127.0.0.1:\(port)/files", port)
    }

    /// The name of something of this workshop for the server.
    func served(_ path: String) -> String { String(path.dropFirst(scratch.folder.path.count)) }
}
