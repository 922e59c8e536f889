import Multiwriter

extension ContentReader {
    /// Copies all that is to come to standard output.
    consuming func copyToStandardOutput(_ verb: String) throws {
        var reader = self
        var output = StandardOutput()
        var progress = Progress(verb)
        progress.totalByteCount = reader.remainingByteCount
        // Content that is shown on the same terminal is progress enough.
        let isShown = !output.isTerminal
        try reader.forEachPiece { piece in
            try output.write(piece)
            guard isShown else { return }
            progress.byteCount = output.byteCount
            progress.show()
        }
        try output.finish()
    }
}
