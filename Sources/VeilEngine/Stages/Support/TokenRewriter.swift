import VeilCrypto

/// Turns values into digests: a hash with its salt, or an HMAC with its key, prepared once.
protocol TokenSource {
  /// Computes the digests of all values of a batch.
  func digest(_ batch: DigestBatch)
}

extension DigestContext: TokenSource {}

extension HMACContext: TokenSource {
  func digest(_ batch: DigestBatch) { authenticate(batch) }
}

/// Writes a token for every value. The loop is specialized for each source, so a value costs little more than its
/// digest: no span, no closure and no string, and room for the whole column is reserved at once.
struct TokenRewriter<Source: TokenSource>: Rewriter {
  let source: Source
  let options: TokenOptions
  /// Set if the run checks that no two values get the same token.
  var tracker: TokenTracker?
  /// The prefix of every token.
  var prefix: [UInt8] = []
  private let digests = DigestBatch()

  init(source: Source, options: TokenOptions, tracker: TokenTracker? = nil, prefix: [UInt8] = []) {
    self.source = source
    self.options = options
    self.tracker = tracker
    self.prefix = prefix
  }

  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    column.unescape(batch.escapes)
    let allLive = batch.excludedCount == 0
    let (source, format, tokenizesNull) = (source, options.format, options.tokenizesNull)
    let (tracker, digests, capacity, stride) = (tracker, digests, DigestBatch.capacity, DigestBatch.stride)
    let prefixCount = prefix.count
    let width = prefixCount + format.width
    var prefix = ByteBuffer()
    prefix.append(self.prefix)
    unsafe column.rewrite { cells, base, out in
      let fits = cells.count * width <= Int(UInt32.max)
      if fits { out.reserve(cells.count * width) }
      var next = 0
      while next < cells.count {
        // Sound: a cell lies within its column's bytes; at most `capacity` values are waiting.
        var waiting = 0
        while next < cells.count && waiting < capacity {
          let cell = cells[next]
          let index = next
          next += 1
          if cell.isNull && !tokenizesNull { continue }
          let record = column.record(ofCell: index)
          guard fits, allLive || batch.isLive(record), !cell.has(.composite) else {
            cells[index] = .null
            batch.fail(record, field: field, reason: fits ? .composite : .tooLong)
            continue
          }
          unsafe digests.values[waiting] = base + cell.offset
          unsafe digests.lengths[waiting] = cell.isNull ? 0 : UInt32(truncatingIfNeeded: cell.count)
          unsafe digests.places[waiting] = index
          waiting += 1
        }
        digests.count = waiting
        source.digest(digests)
        // Sound: a digest can be read for as many bytes as formats read, and `out` has room for a token for every cell.
        let tokens = unsafe out.end
        if prefixCount == 0 {
          unsafe format.write(digests.digests, stride: stride, count: waiting, to: tokens)
        } else {
          for made in 0..<waiting {
            let token = unsafe tokens + made * width
            unsafe copyBytes(to: token, from: prefix.start, count: prefixCount)
            unsafe format.write(digests.digests + made * stride, to: token + prefixCount)
          }
        }
        for made in 0..<waiting {
          if let tracker, let value = unsafe digests.values[made] {
            unsafe tracker.note(value, count: Int(digests.lengths[made]), token: tokens + made * width, width: width)
          }
          cells[unsafe digests.places[made]] = Cell(start: out.count &+ made &* width, count: width, flags: .plain)
        }
        out.advance(by: waiting * width)
      }
    }
    tracker?.deliver()
  }
}
