import VeilCrypto

/// What turns a value into a digest: a hash behind its salt, or an HMAC under its key, prepared once.
protocol TokenSource {
  /// Writes the digest of `count` bytes at `value` to `out`.
  func digest(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>)
}

extension DigestContext: TokenSource {}

extension HMACContext: TokenSource {
  func digest(_ value: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    unsafe authenticate(value, count: count, into: out)
  }
}

/// Writes a token for every value. The loop is specialized for each source, and a value costs its digest and little
/// more: no span, no closure, no string, room for the whole column reserved at once.
struct TokenRewriter<Source: TokenSource>: Rewriter {
  let source: Source
  let options: TokenOptions
  /// Where the run makes sure that no two values got one token.
  var tracker: TokenTracker?
  /// What every token begins with.
  var prefix: [UInt8] = []

  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    column.unescape(batch.escapes)
    let allLive = batch.excludedCount == 0
    let (source, format, tokenizesNull, tracker) = (source, options.format, options.tokenizesNull, tracker)
    let prefixCount = prefix.count
    let width = prefixCount + format.width
    var prefix = ByteBuffer()
    prefix.append(self.prefix)
    unsafe column.rewrite { cells, base, out in
      let fits = cells.count * width <= Int(UInt32.max)
      if fits { out.reserve(cells.count * width) }
      // Sound: a cell lies within its column's bytes; a digest has at most 64 bytes, and `digestCapacity` are there;
      // `out` has room for a token of every cell.
      unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: TokenFormat.digestCapacity) { scratch in
        unsafe scratch.initialize(repeating: 0)
        guard let digest = scratch.baseAddress else { return }
        for index in 0..<cells.count {
          let cell = cells[index]
          if cell.isNull && !tokenizesNull { continue }
          let record = column.record(ofCell: index)
          guard fits, allLive || batch.isLive(record), !cell.has(.composite) else {
            cells[index] = .null
            batch.fail(record, field: field, fits ? .composite : .tooLong)
            continue
          }
          unsafe source.digest(base + cell.offset, count: cell.isNull ? 0 : cell.count, into: digest)
          let end = unsafe out.end
          if prefixCount > 0 { unsafe copyBytes(end, prefix.start, prefixCount) }
          unsafe format.write(digest, to: end + prefixCount)
          if let tracker {
            unsafe tracker.note(base + cell.offset, count: cell.isNull ? 0 : cell.count, token: end, width)
          }
          cells[index] = Cell(start: out.count, count: width, flags: .plain)
          out.advance(by: width)
        }
      }
    }
    tracker?.deliver()
  }
}
