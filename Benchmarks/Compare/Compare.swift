import Foundation

/// Runs the program and others side by side, and says where it falls short.
@main enum Compare {
    static func main() {
        let cleanup = Cleanup.onInterruption()
        var code: Int32 = 0
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            code = try run(options) ? 0 : 1
        } catch let error as Options.Misuse {
            complain(error.description)
            code = 64
        } catch {
            complain("\(error)")
            code = 1
        }
        withExtendedLifetime(cleanup) { Cleanup.end(code) }
    }

    /// Returns whether every line that was measured reaches what is asked of it.
    private static func run(_ options: Options) throws -> Bool {
        let shop = try Workshop(program: options.program, repetitions: options.repetitions) {
            complain("· " + $0)
        }
        if options.isGrowth {
            try showGrowth(shop, options.form)
            return true
        }
        let missing = Peer.allCases.filter { !$0.isInstalled }
        for peer in missing { complain(peer.remedy) }
        var rows: [Row] = []
        for line in Lines.all where options.lines?.contains(line.number) ?? true {
            if let peer = line.needs, missing.contains(peer) { continue }
            complain("line \(line.number)")
            let measured = try line.measure(shop)
            rows += measured
            if options.form == .text { complain(Report.text(measured)) }
        }
        let peers = try Peer.allCases.filter(\.isInstalled).map {
            try $0.version(in: shop.scratch)
        }
        let machine = Report.machine(peers)
        switch options.form {
        case .text: print("\n\(Report.text(rows))\n\n\(machine)")
        case .markdown: print("\(machine)\n\n\(Report.markdown(rows))")
        case .separated: print(Report.separated(rows))
        case .page(let path):
            try Report.put(
                "\(machine)\n\n\(Report.markdown(rows))", between: "compare", of: path)
            print(Report.text(rows))
        }
        let short = rows.filter { $0.verdict == .short }
        for row in short { complain("short: line \(row.line), \(row.work): \(row.value)") }
        return short.isEmpty
    }

    private static func showGrowth(_ shop: Workshop, _ form: Options.Form) throws {
        let tables = try Growth(shop: shop).tables()
        let text = "\(Report.machine([]))\n\n\(tables)"
        if case .page(let path) = form {
            try Report.put(text, between: "growth", of: path)
        }
        print(text)
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
