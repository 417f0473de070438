import Testing

@testable import VeilCrypto

struct SecretBytesTests {
  static let key = Array("0123456789abcdef0123456789ABCDEF".utf8)

  @Test func neverShowsItself() {
    let key = secret(Self.key)
    var dumped = ""
    dump(key, to: &dumped)
    var dumpedInside = ""
    dump(["key": (key, [key])], to: &dumpedInside)
    let texts = [
      "\(key)", String(reflecting: key), String(describing: Optional(key)), "\([key])", dumped, dumpedInside,
    ]
    for text in texts {
      #expect(text.contains("<secret: 32 bytes>"))
      #expect(!text.contains("0123") && !text.contains("48, 49") && !text.contains("0x"), "\(text)")
    }
    #expect(Mirror(reflecting: key).children.isEmpty)
  }

  @Test func holdsWhatItWasGiven() {
    for count in [0, 1, 32, 4095, 4096, 4097, 100_000] {
      let bytes = pattern(count)
      #expect(secret(bytes).count == count)
      #expect(revealed(secret(bytes)) == bytes)
    }
  }

  @Test func fillingMayFail() {
    struct Refusal: Error {}
    #expect(throws: Refusal.self) {
      _ = try SecretBytes(count: 10) { (_: UnsafeMutableRawBufferPointer) throws(Refusal) in throw Refusal() }
    }
  }

  @Test func randomKeysDiffer() {
    let keys = (0..<50).map { _ in revealed(SecretBytes.random(count: 32)) }
    #expect(Set(keys).count == 50)
    #expect(keys.allSatisfy { $0.count == 32 })
    #expect(SecretBytes.random(count: 0).count == 0)
  }

  @Test func randomBytesReachEveryPlaceAndNoFurther() {
    var bytes = [UInt8](repeating: 0, count: 3_000_000)
    bytes.withUnsafeMutableBytes { SecureRandom.fill(UnsafeMutableRawBufferPointer(rebasing: $0[10..<2_999_990])) }
    #expect(bytes[..<10].allSatisfy { $0 == 0 } && bytes[2_999_990...].allSatisfy { $0 == 0 })
    let zeroRuns = stride(from: 10, to: 2_999_970, by: 16).filter { start in
      bytes[start..<start + 16].allSatisfy { $0 == 0 }
    }
    #expect(zeroRuns.isEmpty)
  }

  @Test func fingerprintIsAKeyedDigest() throws {
    let printed = try #require(
      try output(of: [
        "sh", "-c", "printf %s veil/v1/fingerprint | openssl dgst -sha256 -mac HMAC -macopt hexkey:\(hex(Self.key))",
      ]))
    let digest = try #require(printed.split(separator: " ").last)
    #expect(secret(Self.key).fingerprint == digest.prefix(16))
    #expect(secret(pattern(32)).fingerprint != secret(Self.key).fingerprint)
  }
}
