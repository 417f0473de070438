import CSHA256
import Testing

@testable import VeilCrypto

/// Values that are digested side by side get what each gets alone.
struct SideBySideTests {
  /// Runs `body` over the values' bytes, and answers the digests that it wrote: 16 at most, of `byteCount` bytes each.
  private func digests(
    _ values: [[UInt8]], byteCount: Int, _ body: (UnsafePointer<DigestInput>, UnsafeMutablePointer<UInt8>) -> Void
  ) -> [[UInt8]] {
    // Room behind each value: an empty one must stand somewhere too.
    let stored = values.map { value in
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: value.count + 1)
      memory.initialize(from: value + [0], count: value.count + 1)
      return memory
    }
    defer { for memory in stored { memory.deallocate() } }
    let inputs = zip(stored, values).map { DigestInput($0, count: $1.count) }
    var out = [UInt8](repeating: 0, count: DigestInput.most * byteCount)
    inputs.withUnsafeBufferPointer { body($0.baseAddress!, &out) }
    return values.indices.map { Array(out[($0 * byteCount)..<($0 * byteCount + byteCount)]) }
  }

  private func prepared(_ prefix: [UInt8]) -> PreparedSHA256 {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: prefix.count, alignment: 1)
    defer { bytes.deallocate() }
    bytes.copyBytes(from: prefix)
    return PreparedSHA256(absorbing: UnsafeRawBufferPointer(bytes))
  }

  /// Values of every length around the ends of blocks, as many as a group takes, in groups of every size.
  private static let lengths = [25, 0, 1, 55, 56, 22, 23, 24, 63, 64, 65, 31, 32, 300, 7, 54]

  @Test(arguments: DigestAlgorithm.allCases) func saltedDigests(algorithm: DigestAlgorithm) {
    for saltCount in [0, 1, 31, 32, 63, 64, 70] {
      let context = DigestContext(algorithm, prefix: secret(pattern(saltCount, seed: 9)))
      for count in 0...DigestInput.most {
        let values = Self.lengths.prefix(count).enumerated().map { pattern($1, seed: $0) }
        guard count > 0 else { continue }
        let found = digests(values, byteCount: algorithm.byteCount) { context.digest($0, count: count, into: $1) }
        #expect(found == values.map { context.digest($0) }, "\(saltCount), \(count)")
      }
    }
  }

  @Test(arguments: DigestAlgorithm.allCases) func tags(algorithm: DigestAlgorithm) {
    let context = HMACContext(algorithm: algorithm, key: secret(pattern(32, seed: 3)))
    for count in 1...DigestInput.most {
      let values = Self.lengths.suffix(count).enumerated().map { pattern($1, seed: $0) }
      let found = digests(values, byteCount: algorithm.byteCount) { context.authenticate($0, count: count, into: $1) }
      #expect(found == values.map { context.authenticate($0) }, "\(count)")
    }
  }

  /// Both widths, be they what this machine would choose or not. That a lane was used is seen from what is left.
  @Test(arguments: [8, 16]) func everyWidthAgreesWithOneShot(lanes: Int) {
    guard veil_sha256_can(lanes) != 0 else { return }
    let prefix = pattern(64, seed: 77)
    let digest = prepared(prefix)
    let outer = pattern(64, seed: 78)
    let behind = prepared(outer)
    for first in stride(from: 0, to: 56, by: 5) {
      let values = (0..<16).map { pattern((first + $0) % 56, seed: $0) }
      var left: UInt32 = .max
      let plain = digests(values, byteCount: 32) {
        left = digest.finishSideBySide($0, count: 16, behind: nil, lanes: lanes, into: $1)
      }
      #expect(left == 0)
      #expect(plain == values.map { oneShot(.sha256, prefix + $0) })
      let nested = digests(values, byteCount: 32) {
        left = digest.finishSideBySide($0, count: 16, behind: behind.state, lanes: lanes, into: $1)
      }
      #expect(left == 0)
      #expect(nested == plain.map { oneShot(.sha256, outer + $0) })
    }
  }

  @Test func whatDoesNotFitABlockIsLeft() {
    guard veil_sha256_can(8) != 0 else { return }
    let digest = prepared([])
    let values = (0..<10).map { pattern($0 == 3 ? 56 : 55, seed: $0) }
    var left: UInt32 = 0
    let found = digests(values, byteCount: 32) {
      left = digest.finishSideBySide($0, count: 10, behind: nil, lanes: 8, into: $1)
    }
    // The fourth is too long, and two are too few for eight lanes.
    #expect(left == 0b11_0000_1000)
    for index in 0..<8 where index != 3 { #expect(found[index] == oneShot(.sha256, values[index])) }
  }

  @Test func widthsAreOnesThatTheMachineHas() {
    let lanes = veil_sha256_lanes()
    #expect([1, 8, 16].contains(lanes) && veil_sha256_can(lanes) != 0)
    #expect(veil_sha256_can(4) == 0)
  }
}
