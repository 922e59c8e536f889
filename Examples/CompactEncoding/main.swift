// Gives a type a compact encoding, and shows that damaged bytes are an error, not a crash.

import CompactEncoding

struct Greeting: CompactEncodable, CompactDecodable {
    var text: String
    var year: UInt64
    var scores: [Int64]

    func encode(to encoder: inout CompactEncoder) {
        encoder.writeString(text)
        encoder.writeUInt(year)
        encoder.writeArray(scores) { encoder, score in encoder.writeInt(score) }
    }

    init(text: String, year: UInt64, scores: [Int64]) {
        self.text = text
        self.year = year
        self.scores = scores
    }

    init(from decoder: inout CompactDecoder) throws(CompactDecodingError) {
        text = try decoder.readString()
        year = try decoder.readUInt()
        scores = try decoder.readArray { (decoder) throws(CompactDecodingError) in
            try decoder.readInt()
        }
    }
}

let greeting = Greeting(text: "hello", year: 2026, scores: [1, -2, 300])
let bytes = greeting.encoded
print("\(bytes.count) bytes: \(bytes)")

do throws(CompactDecodingError) {
    print("read again:", try Greeting(decoding: bytes))
    // A length that promises more than is there is found before anything is allocated.
    print(try Greeting(decoding: [250, 1, 2, 3]))
} catch {
    print("damaged bytes: \(error)")
}
