import Testing

@testable import VeilCrypto

/// AES-SIV, AES-GCM and keys from passphrases against Project Wycheproof and RFC 5297 and 7914.
struct CipherTests {
  struct Vector: Decodable {
    let tcId: Int
    let key, aad, msg, ct: String
    let iv, tag: String?
    let result: Verdict
  }

  @Test(arguments: ["aes_siv_cmac_test.json", "aead_aes_siv_cmac_test.json"]) func siv(file: String) throws {
    let vectors = try Wycheproof<Vector>(file: file)
    var seen = 0
    for test in vectors.testGroups.flatMap(\.tests) {
      // With a nonce, that is the last of the associated data (RFC 5297, section 3).
      let data = try ([test.aad] + (test.iv.map { [$0] } ?? [])).map { try #require(bytes($0)) }
      let context = try SIVContext(key: secret(try #require(bytes(test.key))), associatedData: data)
      let value = try #require(bytes(test.msg))
      let sealed = try #require(bytes((test.tag ?? "") + test.ct))
      switch test.result {
      case .valid:
        #expect(context.seal(value) == sealed, "\(file) \(test.tcId)")
        #expect(context.open(sealed) == value, "\(file) \(test.tcId)")
      case .invalid: #expect(context.open(sealed) == nil, "\(file) \(test.tcId)")
      }
      seen += 1
    }
    #expect(seen == vectors.numberOfTests)
  }

  /// RFC 5297, appendix A.2: three strings of associated data and 47 bytes.
  @Test func sivWithSeveralStrings() throws {
    let key = try #require(bytes("7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f"))
    let data = try [
      "00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100",
      "102030405060708090a0", "09f911029d74e35bd84156c5635688c0",
    ].map { try #require(bytes($0)) }
    let context = try SIVContext(key: secret(key), associatedData: data)
    let value = Array("this is some plaintext to encrypt using SIV-AES".utf8)
    let sealed =
      "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d"
    #expect(hex(context.seal(value)) == sealed)
    #expect(context.open(context.seal(value)) == value)
  }

  @Test func sivOpensNothingElse() throws {
    let key = secret(pattern(64))
    let context = try SIVContext(key: key, associatedData: [[1], [2, 3]])
    let others = try [
      SIVContext(key: key, associatedData: [[1, 2], [3]]), SIVContext(key: key, associatedData: [[1]]),
      SIVContext(key: key, associatedData: []),
      SIVContext(key: secret(pattern(64, seed: 1)), associatedData: [[1], [2, 3]]),
    ]
    for count in [0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 255, 256, 257, 300, 1000] {
      let value = pattern(count)
      let sealed = context.seal(value)
      #expect(sealed.count == count + SIVContext.overhead && context.open(sealed) == value)
      for index in stride(from: 0, to: sealed.count, by: max(1, sealed.count / 40)) {
        var changed = sealed
        changed[index] ^= 0x40
        #expect(context.open(changed) == nil)
      }
      #expect(context.open(Array(sealed.dropLast())) == nil && context.open(sealed + [0]) == nil)
      #expect(others.allSatisfy { $0.open(sealed) == nil && $0.seal(value) != sealed })
    }
    #expect(throws: CryptoError.keySize(byteCount: 65)) { try SIVContext(key: secret(pattern(65)), associatedData: []) }
  }

  @Test func gcm() throws {
    let vectors = try Wycheproof<Vector>(file: "aes_gcm_test.json")
    var seen = 0
    var beyondOpenSSL = 0
    for test in vectors.testGroups.flatMap(\.tests) {
      let cipher = try GCMCipher(
        key: secret(try #require(bytes(test.key))), associatedData: try #require(bytes(test.aad)))
      let nonce = try #require(bytes(test.iv ?? "none"))
      let (sealed, tag) = (try #require(bytes(test.ct)), try #require(bytes(test.tag ?? "none")))
      seen += 1
      // OpenSSL takes nonces of 1 to 128 bytes; Veil's own have 12.
      guard 1...128 ~= nonce.count, tag.count == 16 else {
        beyondOpenSSL += test.result == .valid ? 1 : 0
        continue
      }
      var value = [UInt8](repeating: 0xA5, count: max(1, sealed.count))
      let padded = sealed + [0]
      let isAuthentic = cipher.open(
        nonce: nonce, nonceCount: nonce.count, bytes: padded, count: sealed.count, tag: tag, into: &value)
      #expect(isAuthentic == (test.result == .valid), "\(test.tcId)")
      if isAuthentic {
        #expect(Array(value.prefix(sealed.count)) == bytes(test.msg))
      } else {
        #expect(value.prefix(sealed.count).allSatisfy { $0 == 0 })
      }
    }
    #expect(seen == vectors.numberOfTests)
    // Those with nonces of 257 bytes, one for each key size.
    #expect(beyondOpenSSL == 3)
  }

  @Test func gcmTokensDiffer() throws {
    let cipher = try GCMCipher(key: secret(pattern(32)), associatedData: [1, 2, 3])
    let value = Array("a".utf8)
    let sealed = (0..<1000).map { _ in cipher.seal(value) }
    #expect(Set(sealed).count == 1000 && Set(sealed.map { $0.prefix(12) }).count == 1000)
    #expect(sealed.allSatisfy { cipher.open($0) == value })
    #expect(cipher.open(cipher.seal([])) == [])
    let other = try GCMCipher(key: secret(pattern(32)), associatedData: [1, 2])
    #expect(other.open(sealed[0]) == nil)
    for index in sealed[0].indices {
      var changed = sealed[0]
      changed[index] ^= 1
      #expect(cipher.open(changed) == nil)
    }
    #expect(cipher.open(Array(sealed[0].prefix(27))) == nil)
  }

  struct Derivation: Decodable {
    let tcId, iterationCount, dkLen: Int
    let password, salt, dk: String
    let result: Verdict
  }

  @Test(arguments: [("sha256", DigestAlgorithm.sha256), ("sha384", .sha384), ("sha512", .sha512)])
  func pbkdf2(name: String, algorithm: DigestAlgorithm) throws {
    let vectors = try Wycheproof<Derivation>(file: "pbkdf2_hmac\(name)_test.json")
    var seen = 0
    for test in vectors.testGroups.flatMap(\.tests) {
      let key = try PasswordKey.pbkdf2(
        algorithm, passphrase: secret(try #require(bytes(test.password))), salt: try #require(bytes(test.salt)),
        iterations: test.iterationCount, count: test.dkLen)
      #expect((hex(revealed(key)) == test.dk) == (test.result == .valid), "\(test.tcId)")
      seen += 1
    }
    #expect(seen == vectors.numberOfTests)
    #expect(throws: CryptoError.derivationCost) {
      try PasswordKey.pbkdf2(algorithm, passphrase: secret([]), salt: [], iterations: 0, count: 32)
    }
  }

  /// RFC 7914, section 12.
  @Test(
    arguments: [
      (
        "", "", 16, 1, 1,
        "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
      ),
      (
        "password", "NaCl", 1024, 8, 16,
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
      ),
      (
        "pleaseletmein", "SodiumChloride", 16384, 8, 1,
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
      ),
    ] as [(String, String, UInt64, UInt64, UInt64, String)])
  func scrypt(passphrase: String, salt: String, cost: UInt64, block: UInt64, lanes: UInt64, key: String) throws {
    let made = try PasswordKey.scrypt(
      passphrase: secret(Array(passphrase.utf8)), salt: Array(salt.utf8),
      cost: .init(cost: cost, blockSize: block, parallelization: lanes), count: 64)
    #expect(hex(revealed(made)) == key)
  }

  @Test func scryptCostsAreBounded() {
    for cost in [(0, 8, 1), (1, 8, 1), (1000, 8, 1), (1 << 21, 8, 1), (16, 0, 1), (16, 8, 0), (1 << 40, 8, 1)]
      as [(UInt64, UInt64, UInt64)]
    {
      #expect(throws: CryptoError.derivationCost) {
        try PasswordKey.scrypt(
          passphrase: secret([1]), salt: [1],
          cost: .init(cost: cost.0, blockSize: cost.1, parallelization: cost.2), count: 32)
      }
    }
    #expect(PasswordKey.ScryptCost.standard.isSound)
  }
}
