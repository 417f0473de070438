import Testing

@testable import VeilCrypto

struct KeyDerivationTests {
  struct Vector: Decodable {
    let tcId: Int
    let ikm, salt, info, okm: String
    let size: Int
    let result: Verdict
  }

  static let algorithms: [String: DigestAlgorithm] = [
    "hkdf_sha256_test.json": .sha256, "hkdf_sha384_test.json": .sha384, "hkdf_sha512_test.json": .sha512,
  ]

  @Test func everyVectorFileIsCovered() throws {
    #expect(try vectorFiles("hkdf_") == Set(Self.algorithms.keys))
  }

  @Test(arguments: algorithms.keys.sorted()) func wycheproof(file: String) throws {
    let algorithm = try #require(Self.algorithms[file])
    let vectors = try Wycheproof<Vector>(file: file)
    var seen = 0
    for test in vectors.testGroups.flatMap(\.tests) {
      let key = secret(try #require(bytes(test.ikm)))
      let salt = try #require(bytes(test.salt))
      let info = try #require(bytes(test.info))
      func derive() throws(CryptoError) -> [UInt8] {
        revealed(
          try HKDF.derive(algorithm: algorithm, inputKey: key, salt: salt, info: info, count: test.size))
      }
      switch test.result {
      case .valid:
        #expect(try derive() == bytes(test.okm), "\(file) \(test.tcId)")
      case .invalid:
        // Every invalid case of these files asks for more than RFC 5869 allows.
        let limit = 255 * algorithm.byteCount
        #expect(throws: CryptoError.outputTooLong(requested: test.size, limit: limit)) { _ = try derive() }
      }
      seen += 1
    }
    #expect(seen == vectors.numberOfTests)
  }

  @Test func limits() throws {
    let key = secret(pattern(32))
    #expect(try HKDF.sha256(inputKey: key, salt: [], info: [], count: 8160).count == 8160)
    #expect(try HKDF.sha256(inputKey: key, salt: [], info: [], count: 0).count == 0)
    #expect(throws: CryptoError.outputTooLong(requested: -1, limit: 8160)) {
      try HKDF.sha256(inputKey: key, salt: [], info: [], count: -1)
    }
  }

  @Test(arguments: [
    ("analytics", "research-lab", "email"), ("", "", ""), ("a", "bc", "d"), ("ab", "c", "d"),
    ("Müller & Söhne", "日本", String(repeating: "x", count: 300)),
  ]) func domainKeysAgreeWithTheOpenSSLCommand(purpose: String, recipient: String, domain: String) throws {
    let root = pattern(40, seed: 1)
    var info = ""
    for field in ["veil/v1", purpose, recipient, domain] {
      info += hex(withUnsafeBytes(of: UInt32(field.utf8.count).bigEndian) { Array($0) }) + hex(Array(field.utf8))
    }
    let printed = try #require(
      try output(of: [
        "openssl", "kdf", "-keylen", "32", "-kdfopt", "digest:SHA256", "-kdfopt", "hexkey:\(hex(root))",
        "-kdfopt", "hexinfo:\(info)", "HKDF",
      ]))
    let key = try DomainKey.derive(root: secret(root), purpose: purpose, recipient: recipient, domain: domain)
    #expect(hex(revealed(key)) == printed.replacing(":", with: "").lowercased())
  }

  @Test func namesThatRunTogetherGiveDifferentKeys() throws {
    let root = secret(pattern(32))
    let names = [
      ("ab", "c", ""), ("a", "bc", ""), ("", "abc", ""), ("abc", "", ""), ("", "", "abc"), ("c", "ab", ""),
    ]
    let keys = try names.map { name in
      revealed(try DomainKey.derive(root: root, purpose: name.0, recipient: name.1, domain: name.2))
    }
    #expect(Set(keys).count == names.count)
  }
}
