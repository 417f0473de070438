import COpenSSL
import Testing

@testable import VeilCrypto

/// OpenSSL's own digest in one call: an oracle that shares no code with the prepared contexts.
func oneShot(_ hash: HashFunction, _ value: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: hash.byteCount)
  #expect(EVP_Digest(value, value.count, &digest, nil, hash.evp, nil) == 1)
  return digest
}

struct DigestTests {
  /// The examples of FIPS 180-4 and 202 and RFC 7693: nothing, `abc`, and (where they have it) 896 bits.
  @Test(arguments: [
    (DigestAlgorithm.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      .sha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      .sha384, "abc",
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
    ),
    (
      .sha512, "abc",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    ),
    (.sha3_256, "", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),
    (.sha3_256, "abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
    (
      .blake2b512, "abc",
      "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
    ),
  ]) func published(algorithm: DigestAlgorithm, text: String, digest: String) {
    #expect(hex(DigestContext(algorithm, prefix: nil).digest(Array(text.utf8))) == digest)
  }

  @Test(arguments: DigestAlgorithm.allCases) func everyLengthAgreesWithOneShot(algorithm: DigestAlgorithm) {
    let context = DigestContext(algorithm, prefix: nil)
    for count in 0...300 {
      let value = pattern(count)
      #expect(context.digest(value) == oneShot(HashFunction(algorithm), value), "\(count) bytes")
    }
  }

  @Test(arguments: DigestAlgorithm.allCases) func everySaltLengthAgreesWithOneShot(algorithm: DigestAlgorithm) {
    for saltCount in 0...130 {
      let salt = pattern(saltCount, seed: 99)
      let context = DigestContext(algorithm, prefix: secret(salt))
      for count in [0, 1, 22, 23, 24, 25, 54, 55, 56, 63, 64, 65, 119, 120, 300] {
        let value = pattern(count)
        #expect(context.digest(value) == oneShot(HashFunction(algorithm), salt + value), "\(saltCount), \(count)")
      }
    }
  }

  /// A long value must leave nothing behind that a short one picks up, nor may bytes past the digest be touched.
  @Test(arguments: DigestAlgorithm.allCases) func valuesDoNotAffectEachOther(algorithm: DigestAlgorithm) {
    let salt = pattern(32, seed: 3)
    let context = DigestContext(algorithm, prefix: secret(salt))
    var out = [UInt8](repeating: 0xA5, count: 80)
    for count in [300, 3, 55, 0, 23, 1, 64, 2] {
      let value = pattern(count, seed: count) + [0xFF]
      context.digest(value, count: count, into: &out)
      #expect(Array(out.prefix(context.byteCount)) == oneShot(HashFunction(algorithm), salt + value.dropLast()))
      #expect(out.dropFirst(context.byteCount).allSatisfy { $0 == 0xA5 })
    }
  }

  @Test func unalignedBuffers() {
    let value = pattern(40)
    var out = [UInt8](repeating: 0, count: 35)
    value.withUnsafeBufferPointer { value in
      out.withUnsafeMutableBufferPointer { out in
        DigestContext(.sha256, prefix: nil).digest(value.baseAddress! + 3, count: 30, into: out.baseAddress! + 1)
      }
    }
    #expect(Array(out[1..<33]) == oneShot(.sha256, Array(value[3..<33])))
  }

  @Test func sizesAndNames() {
    #expect(DigestAlgorithm.allCases.map(\.byteCount) == [32, 48, 64, 32, 64])
    #expect(DigestAlgorithm.allCases.map(\.rawValue) == ["sha256", "sha384", "sha512", "sha3-256", "blake2b512"])
  }

  @Test func streamingAgreesWithOneShotHoweverItIsCut() {
    let bytes = pattern(1000)
    for piece in [1, 7, 63, 64, 65, 1000] {
      let stream = StreamingSHA256()
      for start in stride(from: 0, to: bytes.count, by: piece) {
        bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { stream.update($0) }
        #expect(stream.finalize() == oneShot(.sha256, Array(bytes[..<min(start + piece, bytes.count)])))
      }
      #expect(stream.finalizeHex() == hex(oneShot(.sha256, bytes)))
    }
    #expect(StreamingSHA256().finalize() == oneShot(.sha256, []))
  }
}
