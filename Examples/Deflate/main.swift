// Compresses a text and gets it back.

import Deflate

let text = Array(String(repeating: "one block after the other, ", count: 40).utf8)
var compressed = [UInt8](repeating: 0, count: text.count)
let byteCount = compressed.withUnsafeMutableBytes { output -> Int? in
    var deflater = Deflater(into: output)
    guard text.withUnsafeBytes({ deflater.add($0) }) else { return nil }
    return deflater.finish()
}
if let byteCount {
    var plain = [UInt8](repeating: 0, count: text.count)
    let isWhole = plain.withUnsafeMutableBytes { output in
        compressed.withUnsafeBytes {
            Inflater.inflate(UnsafeRawBufferPointer(rebasing: $0.prefix(byteCount)), into: output)
        }
    }
    print("\(text.count) bytes in \(byteCount); got back: \(isWhole && plain == text)")
}
