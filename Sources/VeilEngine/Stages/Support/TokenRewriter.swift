import VeilCrypto

/// What turns values into digests: a hash behind its salt, or an HMAC under its key, prepared once.
protocol TokenSource {
  /// How many bytes a digest has.
  var byteCount: Int { get }
  /// Writes the digests of `count` values, at most `DigestInput.most`, to `out`, one behind the other.
  func digest(_ values: UnsafePointer<DigestInput>, count: Int, into out: UnsafeMutablePointer<UInt8>)
}

extension DigestContext: TokenSource {}

extension HMACContext: TokenSource {
  func digest(_ values: UnsafePointer<DigestInput>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
    unsafe authenticate(values, count: count, into: out)
  }
}

/// Writes a token for every value. A value costs its digest and little more: no span, no closure, no string, room for the
/// whole column reserved at once. Values are digested a group at a time, for the sake of machines that digest several as
/// fast as one.
struct TokenRewriter: Rewriter {
  let source: any TokenSource
  let options: TokenOptions
  /// Where the run makes sure that no two values got one token.
  var tracker: TokenTracker?
  /// What every token begins with.
  var prefix: [UInt8] = []
  private let group = TokenGroup()

  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    column.unescape(batch.escapes)
    let allLive = batch.excludedCount == 0
    let tokenizesNull = options.tokenizesNull
    let width = prefix.count + options.format.width
    unsafe column.rewrite { cells, base, out in
      let fits = cells.count * width <= Int(UInt32.max)
      if fits { out.reserve(cells.count * width) }
      for index in 0..<cells.count {
        let cell = cells[index]
        if cell.isNull && !tokenizesNull { continue }
        let record = column.record(ofCell: index)
        guard fits, allLive || batch.isLive(record), !cell.has(.composite) else {
          cells[index] = .null
          batch.fail(record, field: field, fits ? .composite : .tooLong)
          continue
        }
        // Sound: a cell lies within its column's bytes, which stay until the column is rewritten.
        unsafe group.add(index, DigestInput(base + cell.offset, count: cell.isNull ? 0 : cell.count))
        if group.isFull { writeTokens(&cells, &out) }
      }
      writeTokens(&cells, &out)
    }
    tracker?.deliver()
  }

  /// Appends the tokens of the group, for which there is room, and empties it.
  private func writeTokens(_ cells: inout Buffer<Cell>, _ out: inout ByteBuffer) {
    unsafe source.digest(group.values, count: group.count, into: group.digests)
    let (format, byteCount) = (options.format, source.byteCount)
    let width = prefix.count + format.width
    for member in 0..<group.count {
      let start = out.count
      if !prefix.isEmpty { for byte in prefix { out.append(byte) } }
      // Sound: `rewrite` reserved room for a token of every cell.
      unsafe format.write(group.digests + member * byteCount, to: out.end)
      out.advance(by: format.width)
      if let tracker {
        let value = unsafe group.values[member]
        unsafe tracker.note(value.start, count: value.count, token: out.start + start, width)
      }
      cells[unsafe group.cells[member]] = Cell(start: start, count: width, flags: .plain)
    }
    group.removeAll()
  }
}
