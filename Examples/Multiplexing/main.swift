// Runs two channels over one stream of frames.

import Multiplexing

/// Hands all frames of one side to the other, and says what they bring there.
func deliver(_ name: String, from sender: inout Multiplexer, to receiver: inout Multiplexer) throws
{
    try sender.takeFrames().forEach { bytes in
        var frame = IncomingFrame(bytes)
        while let event = try receiver.next(in: &frame) {
            switch event {
            case .requested(let channel):
                print("\(name): the far end opened \(channel.protocolName)")
                _ = receiver.open(channel)
            case .opened(let channel, _):
                print("\(name): channel \(channel.number) is open on both sides")
            case .message(let channel, let type, let body):
                let text = String(decoding: body, as: UTF8.self)
                print("\(name): channel \(channel.number), type \(type): \(text)")
            case .heldMessage, .closed: break
            }
        }
    }
}

var (left, right) = (Multiplexer(), Multiplexer())
if let chat = left.open(ChannelName("chat")), let news = left.open(ChannelName("news")) {
    try deliver("right", from: &left, to: &right)
    try deliver("left", from: &right, to: &left)

    // What is corked travels in one frame.
    left.corked { left in
        left.send(0, on: chat, body: Array("hello".utf8))
        left.send(0, on: news, body: Array("nothing new".utf8))
        left.send(1, on: chat, body: Array("good-bye".utf8))
    }
    try deliver("right", from: &left, to: &right)
}
