#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lines for people.
enum StandardError {
    /// Writes one line that begins with the program's name.
    static func write(_ message: String) {
        write(lines: message.withoutControls)
    }

    /// Writes a text of several lines, of which the first begins with the program's name.
    static func write(lines text: String) {
        ProgressLine.shared.withoutLine { raw("mdrive: " + text + "\n") }
    }

    /// Writes text as it is, as far as standard error takes it.
    static func raw(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty,
                let count = try? SystemCalls.write(
                    STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest))
            {
                rest = rest.dropFirst(count)
            }
        }
    }
}

extension String {
    /// The text without characters that could break a line or move a terminal's cursor.
    var withoutControls: String {
        let isControl = { (scalar: Unicode.Scalar) in
            scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
        }
        guard unicodeScalars.contains(where: isControl) else { return self }
        var plain = UnicodeScalarView()
        for scalar in unicodeScalars { plain.append(isControl(scalar) ? "?" : scalar) }
        return String(plain)
    }
}
