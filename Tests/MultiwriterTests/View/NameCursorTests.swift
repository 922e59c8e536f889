import Archives
import Testing

@testable import Multiwriter

/// What is taken for plain must be what the parser takes it for.
@Suite struct NameCursorTests {
    private static let file =
        #"{"executable":false,"linkname":null,"blob":{"blockOffset":7,"byteOffset":512,"#
        + #""blockLength":1,"byteLength":100},"metadata":{"mdrive":{"m":33188,"u":0,"mt":[1,2],"#
        + #""h":"ybndrfg8ejkmcpqxot1uwisza3","l":null,"x":[true,false,{}]}}}"#

    /// As this project writes it, to the last byte.
    private static let ownFile =
        #"{"executable":true,"linkname":null,"blob":{"blockOffset":7,"byteOffset":512,"#
        + #""blockLength":1,"byteLength":100},"metadata":{"mdrive":{"m":420,"u":0,"g":20,"#
        + #""mt":[1795549485,34968518],"h":"pjzccxh8yaz1so36wuw8zym4aa"}}}"#

    private func isFile(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { PlainValue.isFile($0) }
    }

    private func isObject(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { PlainValue.isObject($0) }
    }

    @Test func `what is written as usual is plain`() {
        #expect(isFile(Self.file))
        #expect(isFile(Self.ownFile))
        #expect(isFile(Self.file.replacing("false", with: "true")))
        #expect(isObject("{}"))
        #expect(isObject(#"{"t":"d","m":493,"mt":[1700000000,5]}"#))
    }

    @Test(arguments: [
        "", "{", "{}", "[]", #"{"a":01}"#, #"{"a":-1}"#, #"{"a":1.5}"#, #"{"a":"\n"}"#,
        #"{"a":"ä"}"#, #"{"a" :1}"#, #"{"a":1,}"#, #"{"a":12345678901234567}"#, #"{"a":tru}"#,
    ])
    func `what is unusual or wrong is left to the parser`(text: String) {
        #expect(!isFile(text))
        #expect(text == "{}" || !isObject(text))
        #expect(!isFile(Self.file.replacing("[1,2]", with: text)) || text == "{}" || text == "[]")
    }

    @Test func `special characters are found wherever they stand`() {
        for count in 0..<20 {
            for character in ["\"", "\\", "\u{1F}", "\u{0}", "\u{7F}", "é", "~"] {
                for position in 0...count {
                    let plain = String(repeating: "k", count: count)
                    let split = plain.index(plain.startIndex, offsetBy: position)
                    let name = plain[..<split] + character + plain[split...]
                    let isPlain = character == "~" || character == "\u{7F}"
                    #expect(isObject("{\"\(name)\":1}") == isPlain, "\(character) at \(position)")
                }
            }
        }
    }

    @Test func `numbers end where their digits do`() {
        for count in 1..<18 {
            for end in [",", "}", "/", ":", "a", "\u{7F}", "\u{B0}", " ", "0"] {
                let digits = String(repeating: "9", count: count)
                let isPlain = end == "0" ? count < 15 : end == "," && count <= 15
                #expect(
                    isObject("{\"a\":\(digits)\(end)\(end == "0" ? "," : "")\"b\":1}") == isPlain,
                    "\(count) digits before \(end)")
            }
        }
    }

    @Test(arguments: 1...20)
    func `what is like a file that was seen is one itself`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var model = PlainModel()
        let own = Array(Self.ownFile.utf8)
        #expect(own.withUnsafeBytes { model.take($0) && model.isLike($0) })
        #expect(Array(Self.file.utf8).withUnsafeBytes { model.take($0) && !model.isLike($0) })
        let characters = Array(#"00123456789abyz{}[]",:\-. "#.utf8) + [0x1F, 0x7F, 0x80, 0xFF]
        var likeCount = 0
        for _ in 0..<6000 {
            var bytes = own
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                bytes[position] = characters[Int.random(in: 0..<characters.count, using: &random)]
            }
            guard bytes.withUnsafeBytes({ model.isLike($0) }) else { continue }
            likeCount += 1
            #expect(bytes.withUnsafeBytes { PlainValue.isFile($0) }, "seed \(seed)")
        }
        #expect(likeCount > 100)
    }

    @Test func `a number that begins with a zero is like none`() {
        var model = PlainModel()
        #expect(Array(Self.ownFile.utf8).withUnsafeBytes { model.take($0) })
        for (from, to, isLike) in [
            (":512,", ":012,", false), (":512,", ":502,", true), (":7,", ":0,", true),
            (":7,", ":07,", false), ("34968518]", "00000000]", false), (":420,", ":400,", true),
            ("true", "tru3", false), ("pjzc", "0000", true), ("pjzc", "pj\"c", false),
        ] {
            let text = Self.ownFile.replacing(from, with: to)
            #expect(Array(text.utf8).withUnsafeBytes { model.isLike($0) } == isLike, "\(to)")
        }
    }

    @Test(arguments: 1...20)
    func `nothing is plain that the parser refuses`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let characters = Array(#"{}[]",:\0123456789-.enltrufasx"#.utf8) + [0x1F, 0x20, 0x80, 0xC3]
        var plainCount = 0
        for round in 0..<3000 {
            var bytes = Array((round % 3 == 0 ? Self.file : Self.ownFile).utf8)
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                let byte = characters[Int.random(in: 0..<characters.count, using: &random)]
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[position] = byte
                case 1: bytes.insert(byte, at: position)
                default: bytes.remove(at: position)
                }
            }
            guard bytes.withUnsafeBytes({ PlainValue.isFile($0) }) else { continue }
            plainCount += 1
            let value = try bytes.withUnsafeBytes { try EntryValue(decoding: $0) }
            #expect(value.blob?.isBlockMap == false && value.linkname == nil, "seed \(seed)")
        }
        #expect(plainCount > 0)
    }
}
