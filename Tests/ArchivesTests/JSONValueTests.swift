import Testing

@testable import Archives

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }

    private func rewritten(_ text: String) throws -> String {
        String(decoding: try parse(text).serialized, as: UTF8.self)
    }

    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("-0.0", "0"), ("1.0", "1"), ("1e3", "1000"), ("1E+2", "100"),
        ("0.1", "0.1"), ("100e-2", "1"), ("1.5e300", "1.5e+300"), ("1e21", "1e+21"),
        ("123456789012345680000", "123456789012345680000"),
        ("999999999999999900000", "999999999999999900000"),
        ("0.000001", "0.000001"), ("0.0000001", "1e-7"), ("1.25e-7", "1.25e-7"),
        ("5e-324", "5e-324"), ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("9007199254740991", "9007199254740991"), ("9007199254740993", "9007199254740992"),
        ("-9007199254740991", "-9007199254740991"),
        ("18446744073709551615", "18446744073709552000"),
        ("12345678901234567890123456789", "1.2345678901234568e+28"), ("-12.5", "-12.5"),
        ("0.30000000000000004", "0.30000000000000004"), ("4.35", "4.35"), ("1e400", "null"),
        ("100000000000000000000000", "1e+23"), ("0.1e1", "1"), ("123e-20", "1.23e-18"),
    ])
    func `writes numbers as JavaScript does`(given: String, expected: String) throws {
        #expect(try rewritten(given) == expected)
    }

    @Test(arguments: [
        (#"{"b":1,"a":2}"#, #"{"b":1,"a":2}"#),
        (#"{"z":1,"10":2,"9":3,"a":4,"0":5}"#, #"{"0":5,"9":3,"10":2,"z":1,"a":4}"#),
        (
            #"{"01":1,"1":2,"-1":3,"4294967295":4,"4294967294":5}"#,
            #"{"1":2,"4294967294":5,"01":1,"-1":3,"4294967295":4}"#
        ),
        (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#),
        (#" { "a" : [ 1 , [ ] , { } ] } "#, #"{"a":[1,[],{}]}"#),
        (
            #""\u0041\/\b\f\n\r\t\u001f\u007f\u2028é""#,
            "\"A/\\b\\f\\n\\r\\t\\u001f\u{7f}\u{2028}é\""
        ),
        (#""\ud83d\ude00""#, "\"😀\""), (#""\ud83dx\ude00""#, #""\ud83dx\ude00""#),
        (#""é\udead\"""#, #""é\udead\"""#),
        (#"{"é":1,"e\u0301":2}"#, "{\"é\":1,\"e\u{301}\":2}"),
    ])
    func `keeps text and the order of members as JavaScript does`(
        given: String, expected: String
    ) throws {
        #expect(Array(try rewritten(given).utf8) == Array(expected.utf8))
    }

    @Test(arguments: [
        "", " ", "nul", "nullx", "tru", "+1", "01", "1.", ".5", "1e", "1e+", "-", "--1", "0x1",
        "1 2",
        "[", "[1", "[1,]", "[,1]", "]", "{", "{}}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}",
        #"{"a":1 "b":2}"#, #"""#, #""\"#, #""\x""#, #""\u12""#, #""\u12g4""#, "\"\n\"", "'a'",
        "NaN",
        "Infinity", "\u{feff}1", "// 1", "[1]]",
    ])
    func `refuses what is not JSON`(text: String) {
        #expect(throws: JSONError.self) { _ = try parse(text) }
    }

    @Test func `refuses text that is not UTF-8`() {
        for bytes in [
            [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
        ] {
            #expect(throws: JSONError.invalidText(at: 1)) {
                _ = try JSONValue(parsing: bytes.map { UInt8($0) })
            }
        }
    }

    @Test func `limits depth and length`() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try rewritten(deep) == deep)
        #expect(throws: JSONError.tooDeep) { _ = try parse("[" + deep + "]") }
        #expect(throws: JSONError.tooDeep) {
            _ = try parse(String(repeating: #"{"a":"#, count: 100_000))
        }
        let long = "\"" + String(repeating: "a", count: ArchiveLimits.maximumJSONByteCount) + "\""
        #expect(throws: JSONError.tooLong) { _ = try parse(long) }
    }

    @Test func `compares text by bytes`() throws {
        #expect(try parse("\"é\"") != parse("\"e\u{301}\""))
        #expect(try parse(#"{"a":1,"b":2}"#) != parse(#"{"b":2,"a":1}"#))
        #expect(try Set([parse("1"), parse("1.0"), parse("10e-1")]).count == 1)
        var object = JSONObject([(name: "b", value: 1), (name: "7", value: 2)])
        object["a"] = 3
        object["3"] = 4
        object["b"] = nil
        #expect(object.members.map(\.name) == ["3", "7", "a"])
        #expect(JSONValue.object(object)["3"]?.int64 == 4)
    }

    @Test func `reads many members with equal names in linear time`() throws {
        let many = (0..<20_000).map { "\"n\($0 % 10_000)\":\($0)" }.joined(separator: ",")
        let value = try parse("{\(many)}")
        #expect(value.object?.count == 10_000)
        #expect(value["n7"]?.int64 == 10_007)
    }

    @Test func `survives mutations of an entry`() throws {
        var numbers = SeededNumbers(seed: 11)
        let entry = EntryValue(
            blob: Blob(blockOffset: 1, blockLength: 2, byteOffset: 3, byteLength: 4),
            isExecutable: true, metadata: ["mdrive": ["t": [1, 2], "h": "00ff", "x": nil]])
        let bytes = entry.encoded(.blockOffsetFirst)
        for _ in 0..<20_000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                let position = Int.random(in: 0..<changed.count, using: &numbers)
                switch Int.random(in: 0..<3, using: &numbers) {
                case 0: changed[position] = UInt8.random(in: 0...255, using: &numbers)
                case 1: changed.remove(at: position)
                default: changed.insert(changed[position], at: position)
                }
            }
            if let value = try? JSONValue(parsing: changed) {
                let again = try JSONValue(parsing: value.serialized)
                #expect(again.serialized == value.serialized)
            }
            _ = try? changed.withUnsafeBytes { try EntryValue(decoding: $0) }
        }
    }
}
