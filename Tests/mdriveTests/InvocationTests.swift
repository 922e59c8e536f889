import Testing

@testable import mdrive

@Suite struct InvocationTests {
    @Test func `the folder becomes an option of the command`() throws {
        #expect(try Invocation(["a", "list"]).arguments == ["list", "--drive=a"])
        #expect(
            try Invocation(["a b", "import", "x", "--to", "y"]).arguments
                == ["import", "--drive=a b", "x", "--to", "y"])
        #expect(try Invocation(["list", "list"]).arguments == ["list", "--drive=list"])
        #expect(try Invocation(["a", "write", "--", "-x"]).arguments.suffix(2) == ["--", "-x"])
    }

    @Test func `a folder that looks like an option stands behind two dashes`() throws {
        #expect(try Invocation(["--", "-a", "list"]).arguments == ["list", "--drive=-a"])
        #expect(try Invocation(["--", "--help", "ls"]).arguments == ["ls", "--drive=--help"])
    }

    @Test func `help is found wherever it is asked for`() throws {
        #expect(try Invocation(["--help"]).arguments == ["--help"])
        #expect(try Invocation(["help"]).arguments == ["--help"])
        #expect(try Invocation(["help", "ls"]).arguments == ["ls", "--help"])
        #expect(try Invocation(["ls", "--help"]).arguments == ["ls", "--help"])
        #expect(try Invocation(["a", "--help"]).arguments == ["--help"])
        #expect(
            try Invocation(["help", "write", "x"]).arguments == ["write", "--drive=help", "x"])
    }

    @Test func `what is missing or in the wrong order is told apart`() {
        #expect(throws: Invocation.Mistake.nothing) { try Invocation([]) }
        #expect(throws: Invocation.Mistake.nothing) { try Invocation(["--"]) }
        #expect(throws: Invocation.Mistake.folderMissing(command: "ls")) { try Invocation(["ls"]) }
        #expect(throws: Invocation.Mistake.folderMissing(command: "ls")) {
            try Invocation(["", "ls"])
        }
        #expect(throws: Invocation.Mistake.commandMissing(folder: "a")) { try Invocation(["a"]) }
        #expect(throws: Invocation.Mistake.wrongOrder(command: "ls", next: "a")) {
            try Invocation(["ls", "a"])
        }
        #expect(throws: Invocation.Mistake.unknownCommand("x")) { try Invocation(["a", "x"]) }
    }
}
