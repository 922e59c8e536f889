import Multiwriter
import NIOCore

/// Carries one replication over one NIO channel, socket or pipe.
///
/// Bytes are handed to the replication on the event loop, which decrypts them there; what the
/// replication's lane produces is written from the event loop in the order it came.
final class ReplicationHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let stream: ReplicationStream
    private var hasBegun = false

    init(_ stream: ReplicationStream) {
        self.stream = stream
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unwrapInboundIn(data).withUnsafeReadableBytes { stream.receive($0) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        stream.end()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { stream.end() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        stream.end(error.plain)
        context.close(promise: nil)
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !hasBegun else { return }
        hasBegun = true
        let channel = context.channel
        let stream = stream
        stream.start { output in
            Self.perform(output, on: channel, for: stream)
        }
    }

    private static func perform(
        _ output: ReplicationOutput, on channel: any Channel, for stream: ReplicationStream
    ) {
        switch output {
        case .write(let bytes):
            let buffer = channel.allocator.buffer(bytes: bytes)
            // The array must not live until its copy has left.
            let byteCount = bytes.count
            channel.writeAndFlush(buffer).whenComplete { result in
                switch result {
                case .success: stream.didWrite(byteCount: byteCount)
                case .failure(let error): stream.end(error.plain)
                }
            }
        case .pauseReading:
            channel.setOption(.autoRead, value: false).whenFailure { _ in }
        case .resumeReading:
            channel.setOption(.autoRead, value: true).whenFailure { _ in }
        case .close:
            close(channel)
        }
    }

    /// Closes when everything is written, or when the far end does not take it within a while.
    private static func close(_ channel: any Channel) {
        let deadline = channel.eventLoop.scheduleTask(in: .seconds(5)) {
            channel.close(promise: nil)
        }
        channel.writeAndFlush(channel.allocator.buffer(capacity: 0)).whenComplete { _ in
            deadline.cancel()
            channel.close(promise: nil)
        }
    }
}
