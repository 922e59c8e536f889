import Cryptography
import Testing

@Suite struct StreamSealerTests {
    private let key = SecretBytes(byteCount: 32) { key in
        for index in key.indices { key[index] = UInt8(index) }
    }

    @Test(arguments: 0..<8)
    func `a stored block that is too short is an error`(count: Int) {
        let cipher = key.withUnsafeBytes { BlockCipher(blockKey: $0) }
        #expect(throws: BlockCipherError.tooShort) {
            try cipher.decrypt(block: [UInt8](repeating: 1, count: count), index: 0)
        }
    }

    @Test func `an encrypted empty block is its padding`() throws {
        let cipher = key.withUnsafeBytes { BlockCipher(blockKey: $0) }
        let stored = cipher.encrypt(block: [], index: 3, fork: 1)
        #expect(stored.count == 8)
        #expect(try cipher.decrypt(block: stored, index: 3) == [])
        #expect(stored != cipher.encrypt(block: [], index: 4, fork: 1))
        #expect(stored != cipher.encrypt(block: [], index: 3, fork: 2))
    }

    @Test func `opens what was sealed and nothing else`() throws {
        let message: [UInt8] = Array("message".utf8)
        let data: [UInt8] = [1, 2, 3]
        let sealed = message.withUnsafeBytes { message in
            data.withUnsafeBytes { data in
                ChaChaPoly.seal(message, associatedData: data, counter: 5, key: key)
            }
        }
        #expect(open(sealed, data, counter: 5) == message)
        #expect(open(sealed, data, counter: 6) == nil)
        #expect(open(sealed, [1, 2], counter: 5) == nil)
        for count in 0..<sealed.count {
            #expect(open(Array(sealed.prefix(count)), data, counter: 5) == nil)
        }
        for position in sealed.indices {
            var damaged = sealed
            damaged[position] ^= 1
            #expect(open(damaged, data, counter: 5) == nil)
        }
    }

    private func open(_ sealed: [UInt8], _ data: [UInt8], counter: UInt64) -> [UInt8]? {
        sealed.withUnsafeBytes { sealed in
            data.withUnsafeBytes { data in
                ChaChaPoly.open(sealed, associatedData: data, counter: counter, key: key)
            }
        }
    }

    @Test func `a stream opens its messages in their order only`() {
        let header = StreamHeader.random(.seeded(1))
        var sealer = StreamSealer(key: key, header: header)
        let sealed = [[], [1], [UInt8](repeating: 7, count: 1000)].map { message in
            var buffer: [UInt8] = [0] + message + [UInt8](repeating: 0, count: 16)
            buffer.withUnsafeMutableBytes { sealer.seal(inPlace: $0) }
            return buffer
        }
        var opener = StreamOpener(key: key, header: header)
        #expect(open(sealed[1], with: &opener) == nil)
        #expect(open(sealed[0], with: &opener) == [])
        #expect(open(sealed[0], with: &opener) == nil)
        #expect(open(sealed[1], with: &opener) == [1])
        #expect(open(Array(sealed[2].dropLast()), with: &opener) == nil)
        #expect(open([], with: &opener) == nil)
        #expect(open(sealed[2], with: &opener) == [UInt8](repeating: 7, count: 1000))
    }

    private func open(_ sealed: [UInt8], with opener: inout StreamOpener) -> [UInt8]? {
        var message = [UInt8](repeating: 0, count: max(0, sealed.count - 17))
        let isValid = sealed.withUnsafeBytes { sealed in
            message.withUnsafeMutableBytes { opener.open(sealed, into: $0) }
        }
        return isValid ? message : nil
    }
}
