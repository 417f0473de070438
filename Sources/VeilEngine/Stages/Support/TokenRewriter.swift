import VeilCrypto

/// What turns values into digests: a hash behind its salt, or an HMAC under its key, prepared once.
protocol TokenSource {
  /// Makes the digests of all values of a batch.
  func digest(_ batch: DigestBatch)
}

extension DigestContext: TokenSource {}

extension HMACContext: TokenSource {
  func digest(_ batch: DigestBatch) { authenticate(batch) }
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
        // Sound: a cell lies within its column's bytes; `capacity` values are waited for at most.
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
        // Sound: a digest is readable for as long as formats read, `out` has room for a token of every cell.
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
