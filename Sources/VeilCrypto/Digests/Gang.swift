import CMultiBuffer

/// Decides when a context's digests are made many at once, one in each lane of the vector registers. On a processor
/// without SHA instructions that takes a quarter to a third of the time. The bytes are the same either way.
struct Gang {
  /// To set up a gang costs half a millisecond, which this many values save.
  private static let worthwhile = 2_000
  private var seen = 0

  /// Runs `body` with a gang if there is one and it saves time.
  ///
  /// - Returns: whether all digests were made.
  mutating func digest(_ batch: DigestBatch, lengths: ClosedRange<Int>, _ body: (OpaquePointer) -> Int32) -> Bool {
    seen &+= batch.count
    guard seen >= Self.worthwhile, batch.count > 0, DigestMaker.mayGang, batch.lengthsAre(in: lengths),
      let gang = unsafe veil_gang_take()
    else { return false }
    defer { unsafe veil_gang_give(gang) }
    return unsafe body(gang) == 0
  }

  /// Makes the tags of a batch, from the states after both pads.
  mutating func authenticate(
    _ batch: DigestBatch, inner: UnsafePointer<UInt32>, outer: UnsafePointer<UInt32>
  ) -> Bool {
    unsafe digest(batch, lengths: 1...veil_gang_longest) { gang in
      unsafe veil_gang_hmac(gang, inner, outer, batch.values, batch.lengths, Int32(batch.count), batch.digests)
    }
  }

  /// Makes the digests of a batch after a prefix.
  mutating func digest(_ batch: DigestBatch, behind prefix: UnsafeBufferPointer<UInt8>) -> Bool {
    let longest = veil_gang_longest_prefixed - prefix.count
    let shortest = prefix.isEmpty ? 1 : 0
    guard longest >= shortest else { return false }
    return unsafe digest(batch, lengths: shortest...longest) { gang in
      unsafe veil_gang_sha256(
        gang, prefix.baseAddress, Int32(prefix.count), batch.values, batch.lengths, Int32(batch.count), batch.digests)
    }
  }
}
