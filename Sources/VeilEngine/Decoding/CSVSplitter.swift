internal import CScan
import VeilGround

/// Ends chunks at line feeds outside quotes.
///
/// If a malformed record ends the run, the parity of the quotes is enough: it is right up to the first malformed
/// record, and the decoder finds that record. If bad records are skipped (`isExact`), each chunk is first checked for
/// quotes in wrong places; a chunk that has any is read one byte at a time.
final class CSVSplitter: RecordSplitter {
  private let format: CSVFormat
  private let isExact: Bool
  private var masks = Buffer<UInt64>()
  /// The number of quotes in the bytes that earlier calls have scanned.
  private var quotesSeen = 0

  init(format: CSVFormat, isExact: Bool) {
    self.format = format
    self.isExact = isExact
  }

  func boundary(in bytes: UnsafePointer<UInt8>, count: Int, scanned: Int, isEnd: Bool) throws(InputError) -> Int {
    let end: Int
    if isEnd {
      end = count
    } else if isExact {
      end = unsafe isIrregular(bytes, count) ? exactEnd(in: bytes, count) : lastLine(bytes, count, isOdd: false)
    } else {
      // An irregular earlier call that saw only a part of these bytes did not count their quotes.
      end = unsafe parityEnd(in: bytes, count, scanned: isExact ? 0 : scanned)
    }
    return unsafe withoutBlankLines(bytes, end, isEnd: isEnd)
  }

  private func isIrregular(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    masks.removeAll()
    masks.reserve(count / 64 + 1)
    return unsafe scan_csv(bytes, count, format.delimiter, format.quote, masks.start, nil).irregular != 0
  }

  private func exactEnd(in bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let scanner = unsafe CSVRecordScanner(bytes: bytes, count: count, format: format)
    var end = 0
    while let record = scanner.record(at: end, isEnd: false, { _, _ in }) { end = record.end }
    return end
  }

  private func parityEnd(in bytes: UnsafePointer<UInt8>, _ count: Int, scanned: Int) -> Int {
    if scanned == 0 { quotesSeen = 0 }
    quotesSeen += unsafe scan_count_byte(bytes + scanned, count - scanned, format.quote)
    return unsafe lastLine(bytes, count, isOdd: quotesSeen & 1 == 1)
  }

  /// Returns the position after the last line feed outside quotes. `isOdd` says whether the number of quotes in all of
  /// `bytes` is odd.
  private func lastLine(_ bytes: UnsafePointer<UInt8>, _ count: Int, isOdd: Bool) -> Int {
    var isOdd = isOdd
    var at = count
    while at > 0 {
      let byte = unsafe bytes[at - 1]
      if byte == CSVFormat.lineFeed && !isOdd { return at }
      if byte == format.quote { isOdd.toggle() }
      at -= 1
    }
    return 0
  }

  /// Holds back blank lines until the bytes after them are known: at the end of the input they are ignored, before a
  /// record they are malformed.
  private func withoutBlankLines(_ bytes: UnsafePointer<UInt8>, _ count: Int, isEnd: Bool) -> Int {
    var end = count
    if isEnd, end > 0, unsafe bytes[end - 1] == CSVFormat.carriageReturn,
      unsafe end == 1 || bytes[end - 2] == CSVFormat.lineFeed
    {
      end -= 1
    }
    while end > 0, unsafe bytes[end - 1] == CSVFormat.lineFeed {
      var line = end - 1
      if line > 0, unsafe bytes[line - 1] == CSVFormat.carriageReturn { line -= 1 }
      guard unsafe line == 0 || bytes[line - 1] == CSVFormat.lineFeed else { break }
      end = line
    }
    return end
  }
}
