public import Multiwriter
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension DriveNetwork {
    /// Replicates over two descriptors, such as standard input and output.
    ///
    /// They stay open, and become blocking again, when the replication ends. Both may be the same
    /// socket. Broken pipes are errors from here on, not signals.
    public func replicate(
        input: Int32, output: Int32, role: ReplicationRole = .negotiated
    ) async throws(NetworkError) -> ReplicationStream {
        let flags = [input, output].map { ($0, fcntl($0, F_GETFL)) }
        guard flags.allSatisfy({ $0.1 >= 0 }) else {
            throw NetworkError(.unusableStream, "Standard input or output is closed.")
        }
        let (reader, writer) = try Self.watchable(input: input, output: output)
        let stream = makeStream(role)
        stream.locate(at: "standard input and output")
        do {
            let channel = try await NIOPipeBootstrap(group: group)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(.recvAllocator, value: Self.receiveAllocator)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ReplicationHandler(stream))
                    }
                }
                .takingOwnershipOfDescriptors(input: reader, output: writer).get()
            channel.closeFuture.whenComplete { _ in
                for (descriptor, flags) in flags { _ = fcntl(descriptor, F_SETFL, flags) }
            }
        } catch {
            close(reader)
            close(writer)
            stream.end(error)
            throw NetworkError(
                .unusableStream, "Standard input and output cannot be used.", cause: error)
        }
        return stream
    }

    private static func watchable(
        input: Int32, output: Int32
    ) throws(NetworkError) -> (Int32, Int32) {
        guard let reader = DescriptorPump.watchable(input: dup(input)) else {
            throw NetworkError(.unusableStream, "Standard input cannot be read.")
        }
        guard let writer = DescriptorPump.watchable(output: dup(output)) else {
            close(reader)
            throw NetworkError(.unusableStream, "Standard output cannot be written.")
        }
        return (reader, writer)
    }
}
