import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension Error {
    /// The part of a failed bind or connect that a person can act on.
    var plain: any Error {
        if let error = self as? NIOConnectionError, let first = error.connectionErrors.first {
            return PlainIOError(first.error)
        }
        return PlainIOError(self)
    }
}

/// The system's words for an error, without the names of the calls that led to it.
private struct PlainIOError: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        if let error = error as? IOError {
            description = String(cString: strerror(error.errnoCode))
        } else if error is NIOConnectionError || error is SocketAddressError.UnknownHost {
            description = "the name is not known"
        } else {
            description = "\(error)"
        }
    }
}
