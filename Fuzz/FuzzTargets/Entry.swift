#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The target of this run, as `FUZZ_TARGET` names it.
private let target: FuzzTarget? = environment("FUZZ_TARGET").flatMap(FuzzTarget.named)

private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

private func complain(_ text: String) { _ = write(2, text, text.utf8.count) }

/// Lists the targets, writes the inputs to begin with, or lets the fuzzer begin.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>?,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
    if environment("FUZZ_LIST") != nil {
        for target in FuzzTarget.all { puts(target.name) }
        exit(0)
    }
    if let folder = environment("FUZZ_CORPUS"), let vectors = environment("FUZZ_VECTORS") {
        do {
            try CorpusWriter(vectors: vectors, folder: folder).write(FuzzTarget.all)
            exit(0)
        } catch {
            complain("no corpus: \(error)\n")
            exit(1)
        }
    }
    guard target == nil else { return 0 }
    complain("FUZZ_TARGET names no target\n")
    exit(1)
}

/// Runs one input; errors are what a decoder or a machine is expected to give.
@_cdecl("LLVMFuzzerTestOneInput")
public func runOne(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    try? target?.run(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}
