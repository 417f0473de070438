import Foundation
import Testing
import VeilCrypto

@testable import VeilEngine
@testable import VeilGround

@Suite("Keyed order") struct KeyedOrderTests {
  private final class Collector: ByteSink {
    var bytes: [UInt8] = []
    func write(_ more: UnsafeRawBufferPointer) { bytes += more }
    func finish() {}
  }

  private static let key = [UInt8](0..<32).withUnsafeBytes { SecretBytes(copying: $0) }

  /// What comes out for these records, handed over in pieces of random size.
  private func ordered(_ records: [[UInt8]], memory: Int, key: SecretBytes = key, separator: StaticString = "") throws
    -> [UInt8]
  {
    let order = KeyedOrder(key: key, memory: memory)
    var rest = records[...]
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...50))
      rest = rest.dropFirst(piece.count)
      var bytes = ByteBuffer()
      let bounds = RecordBounds()
      for record in piece {
        bytes.append(record.span)
        bounds.end(at: bytes.count)
      }
      try order.add(bytes, ends: bounds.ends)
    }
    let out = Collector()
    try order.finish(into: out, separator: separator)
    return out.bytes
  }

  /// The definition: records sorted by the digests of their numbers.
  private func expected(_ records: [[UInt8]], key: SecretBytes = key) -> [[UInt8]] {
    let cipher = OrderCipher(key: key)
    let digests = records.indices.map { number in
      var digest = SIMD2<UInt64>()
      unsafe cipher.digests(from: UInt64(number), count: 1, into: &digest)
      return digest
    }
    return records.indices.sorted { (digests[$0][0], digests[$0][1]) < (digests[$1][0], digests[$1][1]) }
      .map { records[$0] }
  }

  private func records(_ count: Int) -> [[UInt8]] {
    (0..<count).map { Array("\($0),\(String(repeating: "x", count: Int.random(in: 0...300)))\n".utf8) }
  }

  @Test("The order is that of the digests, at any bound of memory and any cut into pieces")
  func definition() throws {
    for count in [0, 1, 2, 3, 500, 4000] {
      let records = records(count)
      let wanted = expected(records)
      for memory in [1, 300, 20_000, 200_000, 64 << 20] where count < 4000 || memory > 300 {
        #expect(try ordered(records, memory: memory) == Array(wanted.joined()), "\(count) records, \(memory) bytes")
      }
      #expect(
        try ordered(records, memory: 5000, separator: ",") == Array(wanted.joined(separator: Array(",".utf8))))
    }
  }

  @Test("Records longer than the bound and than a block go through whole")
  func longRecords() throws {
    let records = (0..<12).map { [UInt8](repeating: UInt8($0), count: $0 % 3 == 0 ? 400_000 : $0) }
    #expect(try ordered(records, memory: 100_000) == Array(expected(records).joined()))
  }

  @Test("More runs than are merged at a time are merged in several rounds", arguments: [2, 3, 7, 256])
  func rounds(_ fanIn: Int) throws {
    let runs = try SortedRuns()
    var wanted: [UInt64] = []
    for _ in 0..<50 {
      let values = (0..<Int.random(in: 0...40)).map { _ in UInt64.random(in: 0 ... .max) }.sorted()
      wanted += values
      runs.begin()
      for value in values {
        let text = Array("\(value)".utf8)
        try text.withUnsafeBufferPointer { text throws in
          try runs.append(
            unsafe OrderedRecord(digest: SIMD2(value, 7), bytes: text.baseAddress!, count: text.count))
        }
      }
      try runs.end()
    }
    var found: [UInt64] = []
    try RunMerge.all(of: runs, fanIn: fanIn) { record throws(OutputError) in
      let text = unsafe String(
        decoding: UnsafeBufferPointer(start: record.bytes, count: record.count), as: UTF8.self)
      #expect(text == "\(record.digest[0])")
      found.append(record.digest[0])
    }
    #expect(found == wanted.sorted())
  }

  @Test("No two numbers have one digest, and another key gives another order")
  func digests() {
    let (one, other) = (OrderCipher(key: Self.key), OrderCipher(key: .random(count: 32)))
    var digests = [SIMD2<UInt64>](repeating: SIMD2(), count: 10_000)
    var others = digests
    unsafe one.digests(from: 5, count: 10_000, into: &digests)
    unsafe other.digests(from: 5, count: 10_000, into: &others)
    #expect(Set(digests).count == 10_000 && Set(others).isDisjoint(with: digests))
    var single = SIMD2<UInt64>()
    unsafe one.digests(from: 5 + 1234, count: 1, into: &single)
    #expect(single == digests[1234])
  }
}
