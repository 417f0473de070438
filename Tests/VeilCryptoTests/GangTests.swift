import CMultiBuffer
import Foundation
import Testing

@testable import VeilCrypto

/// Many digests at once are the same as each alone.
@Suite struct GangTests {
  private static let key = secret(pattern(32, seed: 3))

  /// All lengths, mixed, before and after a gang becomes worth its while.
  @Test func tagsOfABatchAreThoseOfEachValue() {
    let (many, alone) = (
      HMACContext(algorithm: .sha256, key: Self.key), HMACContext(algorithm: .sha256, key: Self.key)
    )
    let text = pattern(3_000)
    for first in stride(from: 0, to: 2_600, by: 97) {
      for count in [0, 1, 15, 16, 17, 255, 256] {
        let lengths = (0..<count).map { (first + $0 * 7) % (first < 1_300 ? 1_100 : 60) }
        let values = lengths.enumerated().map { Array(text[($0 % 1_000)...].prefix($1)) }
        #expect(made(values) { many.authenticate($0) } == values.map { alone.authenticate($0) })
      }
    }
  }

  @Test(arguments: [0, 1, 16, 32, 55, 63, 64, 65, 118, 119, 200])
  func digestsOfABatchAreThoseOfEachValue(prefixCount: Int) {
    let prefix = prefixCount == 0 ? nil : secret(pattern(prefixCount, seed: 9))
    let (many, alone) = (DigestContext(.sha256, prefix: prefix), DigestContext(.sha256, prefix: prefix))
    let text = pattern(2_000)
    for first in 0..<40 {
      let values = (0..<(first % 3 == 0 ? 256 : 41)).map { index in
        Array(text[(index * 3)...].prefix(first < 20 ? (first + index) % 140 : 1 + (index % 50)))
      }
      #expect(made(values) { many.digest($0) } == values.map { alone.digest($0) })
    }
  }

  @Test(arguments: DigestAlgorithm.allCases) func otherAlgorithmsTakeBatchesToo(algorithm: DigestAlgorithm) {
    let (digests, tags) = (
      DigestContext(algorithm, prefix: Self.key), HMACContext(algorithm: algorithm, key: Self.key)
    )
    let values = (0..<256).map { pattern($0 % 70, seed: $0) }
    for _ in 0..<10 {
      #expect(made(values, digests.byteCount) { digests.digest($0) } == values.map { digests.digest($0) })
      #expect(made(values, tags.byteCount) { tags.authenticate($0) } == values.map { tags.authenticate($0) })
    }
  }

  /// Threads that have gangs at once do not get into each other's lanes.
  @Test func threadsHaveGangsOfTheirOwn() async {
    let agreeing = await withTaskGroup(of: Bool.self) { group in
      for seed in 0..<4 {
        group.addTask {
          let context = HMACContext(algorithm: .sha256, key: secret(pattern(32, seed: seed)))
          let values = (0..<256).map { pattern(1 + ($0 + seed) % 40, seed: $0 * seed) }
          let expected = values.map { context.authenticate($0) }
          return (0..<60).allSatisfy { _ in made(values) { context.authenticate($0) } == expected }
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(agreeing == 4)
  }

  /// Where the library was there at the build and the processor gains by it, it is used: slowness would not be noticed.
  @Test func isUsedWhereItPays() {
    let flags = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let pays = flags.contains(" avx2 ") && !flags.contains(" sha_ni ")
    let header = (try? String(contentsOfFile: "/usr/include/intel-ipsec-mb.h", encoding: .utf8)) ?? ""
    let isThere = header.contains("IMB_VERSION_STR \"1.")
    let gang = veil_gang_take()
    if let gang { veil_gang_give(gang) }
    #expect((gang != nil) == (pays && isThere))
  }

  private func made(_ values: [[UInt8]], _ byteCount: Int = 32, _ make: (DigestBatch) -> Void) -> [[UInt8]] {
    let batch = DigestBatch()
    let bytes: [UInt8] = Array(values.joined()) + [0]
    return bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      for (index, value) in values.enumerated() {
        batch.values[index] = bytes.baseAddress! + start
        batch.lengths[index] = UInt32(value.count)
        start += value.count
      }
      batch.count = values.count
      make(batch)
      return values.indices.map { index in
        let start = UnsafePointer<UInt8>(batch.digests + index * DigestBatch.stride)
        return Array(UnsafeBufferPointer(start: start, count: byteCount))
      }
    }
  }
}
