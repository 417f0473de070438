import CScan
import Glibc

/// Divides a chunk into records, and decodes each one with the walker.
///
/// A malformed record does not affect the others. In NDJSON the next record begins after the line feed. In an array it
/// begins after the next comma between elements, found by strings and brackets alone, as the splitter also does.
struct JSONRecords: ~Copyable {
  private let form: JSONRecordDecoder.Form
  private var walker: JSONWalker
  private var starts = Buffer<UInt32>()
  private var failures: [Failure] = []

  init(_ layout: JSONLayout, form: JSONRecordDecoder.Form) {
    self.form = form
    walker = JSONWalker(layout)
  }

  /// Fills the batch from a chunk that is not empty. Returns the fields of the chunk that no rule names.
  mutating func decode(_ chunk: Chunk, into batch: Batch) -> [UnexpectedField] {
    failures.removeAll(keepingCapacity: true)
    swap(&starts, &batch.recordStarts)
    walker.begin(chunk, batch, lineFeed: form == .lines ? 0x20 : 0x0A)
    // Sound: `begin` wrote the zero bytes that the scans need after the text, and nothing moves it until `finish`.
    var text = unsafe Text(bytes: UnsafePointer(chunk.bytes.start), end: chunk.bytes.count)
    switch form {
    case .lines: decodeLines(&text, isFirst: chunk.offset == 0)
    case .array: decodeElements(&text)
    }
    walker.finish(batch)
    swap(&starts, &batch.recordStarts)
    batch.finishDecoding(recordCount: batch.recordStarts.count)
    for failure in failures {
      batch.fail(failure.record, field: nil, reason: failure.reason, offset: failure.offset)
    }
    return walker.unexpected
  }

  /// How often the rules with these nodes were met so far.
  func counts(of nodes: [Int]) -> RuleCounts {
    RuleCounts(met: nodes.map { $0 < 0 ? 0 : walker.met[$0] }, records: walker.goodRecords)
  }

  private mutating func decodeLines(_ text: inout Text, isFirst: Bool) {
    var at = isFirst ? text.behindMark : 0
    while true {
      at = text.space(at, lineFeed: 0x0A)
      guard at < text.end else { return }
      let start = at
      var problem = walk(text, start)
      if problem == nil, walker.at < text.end, text[walker.at] != 0x0A { problem = (.trailing, walker.at) }
      at = problem == nil ? walker.at : text.lineEnd(from: start)
      finish(start..<at, found: problem, text: &text)
    }
  }

  private mutating func decodeElements(_ text: inout Text) {
    var at = text.space(text.behindMark, lineFeed: 0x0A)
    guard at < text.end else { return }
    // The splitter has refused everything else that could be here.
    precondition(text[at] == 0x5B || text[at] == 0x2C, "a chunk of an array begins with a bracket or a comma")
    var isFirst = text[at] == 0x5B
    while true {
      at = text.space(at + 1, lineFeed: 0x0A)
      if isFirst, text[at] == 0x5D { return }
      isFirst = false
      let start = at
      var problem: (JSONProblem, Int)?
      if at >= text.end || text[at] == 0x2C || text[at] == 0x5D {
        problem = (.missing, at)
      } else {
        problem = walk(text, start)
        if problem == nil {
          at = walker.at
          if at < text.end, text[at] != 0x2C, text[at] != 0x5D { problem = (.trailing, at) }
        }
        if problem != nil { at = text.elementEnd(from: start) }
      }
      finish(start..<at, found: problem, text: &text)
      guard at < text.end, text[at] == 0x2C else { return }
    }
  }

  @inline(__always)
  private mutating func walk(_ text: borrowing Text, _ start: Int) -> (JSONProblem, Int)? {
    guard text[start] == 0x7B else { return (.notObject, start) }
    if walker.walk(from: start) { return nil }
    return (walker.problem ?? .value, walker.problemAt)
  }

  /// Counts the record at `range`.
  @inline(__always)
  private mutating func finish(_ range: Range<Int>, found: (JSONProblem, Int)?, text: inout Text) {
    var problem = found
    if text.invalid < range.upperBound {
      if problem == nil, text.invalid >= range.lowerBound { problem = (.utf8, text.invalid) }
      text.validate(from: range.upperBound)
    }
    if range.count > Cell.longest { problem = problem ?? (.long, range.lowerBound) }
    if let problem {
      walker.reject()
      failures.append(
        Failure(record: starts.count, field: nil, reason: problem.0.reason, offset: problem.1))
    }
    walker.finishRecord(isGood: problem == nil)
    starts.append(UInt32(truncatingIfNeeded: range.lowerBound))
  }
}

/// The text of a chunk, followed by 64 zero bytes.
@safe
private struct Text {
  let bytes: UnsafePointer<UInt8>
  let end: Int
  /// The first byte from the current record on that is not UTF-8, or `end`.
  private(set) var invalid = 0

  init(bytes: UnsafePointer<UInt8>, end: Int) {
    unsafe self.bytes = bytes
    self.end = end
    let isValid = unsafe scan_utf8_valid(bytes, end) != 0
    if isValid { invalid = end } else { validate(from: 0) }
  }

  @inline(__always)
  subscript(_ index: Int) -> UInt8 { unsafe bytes[index] }

  var behindMark: Int { unsafe max(0, JSONText.markLength(bytes, count: end)) }

  @inline(__always)
  func space(_ at: Int, lineFeed: UInt8) -> Int { unsafe scan_json_space(bytes, at, lineFeed) }

  func lineEnd(from start: Int) -> Int {
    guard let found = unsafe memchr(bytes + start, 0x0A, end - start) else { return end }
    return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
  }

  func elementEnd(from start: Int) -> Int {
    var structure = scan_json_structure(in_string: 0, escaped: 0, depth: 1)
    return unsafe scan_json_structure_scan(&structure, bytes, start, end, 1).at
  }

  mutating func validate(from start: Int) {
    invalid = unsafe scan_utf8_end(bytes, start, end)
  }
}
