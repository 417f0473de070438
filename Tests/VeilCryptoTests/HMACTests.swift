import Testing

@testable import VeilCrypto

struct HMACTests {
  struct Vector: Decodable {
    let tcId: Int
    let key, msg, tag: String
    let result: Verdict
  }

  static let functions: [String: HashFunction] = [
    "hmac_sha256_test.json": .sha256, "hmac_sha384_test.json": .sha384, "hmac_sha512_test.json": .sha512,
    "hmac_sha512_256_test.json": .sha512_256, "hmac_sha3_256_test.json": .sha3_256,
  ]

  @Test func everyVectorFileIsCovered() throws {
    #expect(try vectorFiles("hmac_") == Set(Self.functions.keys))
  }

  @Test(arguments: functions.keys.sorted()) func wycheproof(file: String) throws {
    let hash = try #require(Self.functions[file])
    let vectors = try Wycheproof<Vector>(file: file)
    var seen = 0
    for group in vectors.testGroups {
      let tagByteCount = try #require(group.tagSize) / 8
      for test in group.tests {
        let context = HMACContext(hash, key: secret(try #require(bytes(test.key))))
        let tag = context.authenticate(try #require(bytes(test.msg)))
        let expected = try #require(bytes(test.tag))
        #expect(tag.count == hash.byteCount)
        #expect((Array(tag.prefix(tagByteCount)) == expected) == (test.result == .valid), "\(file) \(test.tcId)")
        seen += 1
      }
    }
    #expect(seen == vectors.numberOfTests)
  }

  /// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ]) func rfc4231(key: [UInt8], message: String, tag: String) {
    #expect(hex(HMACContext(algorithm: .sha256, key: secret(key)).authenticate(Array(message.utf8))) == tag)
  }

  @Test func everyLengthAgreesWithTheDefinition() {
    for keyCount in [0, 1, 32, 63, 64, 65, 128] {
      let key = pattern(keyCount, seed: 5)
      let context = HMACContext(algorithm: .sha256, key: secret(key))
      let blockKey = keyCount > 64 ? oneShot(.sha256, key) : key
      let padded = blockKey + [UInt8](repeating: 0, count: 64 - blockKey.count)
      for count in 0...150 {
        let value = pattern(count)
        let inner = oneShot(.sha256, padded.map { $0 ^ 0x36 } + value)
        #expect(context.authenticate(value) == oneShot(.sha256, padded.map { $0 ^ 0x5C } + inner))
      }
    }
  }
}
