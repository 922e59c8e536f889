// Joins two ends by an encrypted stream; the bytes travel in memory, as they would over a socket.

import Cryptography
import SecretStream

let (alice, bob) = (KeyPair.random(), KeyPair.random())
var dialler = EncryptedStream(
    role: .initiator, keyPair: alice, randomness: HandshakeRandomness(), now: .zero)
var listener = EncryptedStream(
    role: .responder, keyPair: bob, randomness: HandshakeRandomness(), now: .zero)

// The state machines do no I/O: they take bytes, and append what is to be sent to an array.
var (toListener, toDialler): ([UInt8], [UInt8]) = ([], [])
var (heard, answered) = (MessageBatch(), MessageBatch())
try dialler.start(into: &toListener)
try listener.start(into: &toDialler)
while !toListener.isEmpty || !toDialler.isEmpty {
    let (forth, back) = (toListener, toDialler)
    (toListener, toDialler) = ([], [])
    try forth.withUnsafeBytes { try listener.receive($0, into: &heard, answer: &toDialler) }
    try back.withUnsafeBytes { try dialler.receive($0, into: &answered, answer: &toListener) }
}
print("open:", dialler.isOpen && listener.isOpen)
print(
    "each knows the other:", dialler.remotePublicKey == bob.publicKey,
    listener.remotePublicKey == alice.publicKey)

// From here on every message is one frame.
try Array("hello, Bob".utf8).withUnsafeBytes {
    try dialler.send($0, into: &toListener, now: .zero)
}
print("\(toListener.count) bytes on the wire")
try toListener.withUnsafeBytes { try listener.receive($0, into: &heard, answer: &toDialler) }
print("received:", String(decoding: heard[0], as: UTF8.self))
