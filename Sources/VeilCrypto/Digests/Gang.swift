import CMultiBuffer

/// When a context's digests are made many at once, one in each lane of the processor's vectors: where a processor has no
/// SHA instructions, that takes a third to a quarter of the time. Same bytes either way.
struct Gang {
  /// A gang costs half a millisecond to set up, as much as so many values win.
  private static let worthwhile = 2_000
  private var seen = 0

  /// Runs `body` with a gang if there is one and it is worth it.
  ///
  /// - Returns: whether all digests were made.
  mutating func digest(_ batch: DigestBatch, lengths: ClosedRange<Int>, _ body: (OpaquePointer) -> Int32) -> Bool {
    seen &+= batch.count
    guard seen >= Self.worthwhile, batch.count > 0, batch.lengthsAre(in: lengths), let gang = unsafe veil_gang_take()
    else { return false }
    defer { unsafe veil_gang_give(gang) }
    return unsafe body(gang) == 0
  }

  /// The tags of a batch, from the states behind both pads.
  mutating func authenticate(
    _ batch: DigestBatch, inner: UnsafePointer<UInt32>, outer: UnsafePointer<UInt32>
  ) -> Bool {
    unsafe digest(batch, lengths: 1...veil_gang_longest) { gang in
      unsafe veil_gang_hmac(gang, inner, outer, batch.values, batch.lengths, Int32(batch.count), batch.digests)
    }
  }

  /// The digests of a batch behind a prefix.
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
