import CScan
import VeilConfig

@testable import VeilEngine

/// What a test's rule does to a field.
enum Way: String { case keep, look, drop, peek, write }

private struct Rewrites: TokenlessStage {
  static let documentation = StageDocumentation(
    name: "rewrites", summary: "", example: "", promise: "")
  init?(_ options: StageOptions) { nil }
  init() {}
  var effect: StageEffect { .rewrite }
  var fate: ValueFate { .readable }
  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { .unknown(because: "a test's stage") }
  func rewriter(_ environment: StageEnvironment) throws -> any Rewriter { Rewriting() }
}

private struct Rewriting: Rewriter {
  func rewrite(_ column: Column, of field: Int, in batch: Batch) {}
}

/// Rules in order: keep and drop, `look` and `peek` (the same with a column), `write` (a column that replaces).
func plans(_ rules: [(String, Way)]) throws -> [FieldPlan] {
  var columns = 0
  return try rules.map { path, way in
    var plan = FieldPlan(
      name: path, path: try FieldPath(path), column: nil, isEmitted: way != .drop && way != .peek,
      stages: way == .write ? [Rewrites()] : [])
    if way != .keep && way != .drop {
      plan.column = columns
      columns += 1
    }
    return plan
  }
}

func layout(
  _ rules: [(String, Way)], _ unlisted: Unlisted = .error, extractKept: Bool = false
) throws -> JSONLayout {
  JSONLayout(try plans(rules), unlisted: unlisted, extractKept: extractKept)
}

/// One cell as a test sees it.
struct SeenCell: Equatable, CustomStringConvertible {
  var record: Int
  var kind: String
  var text: String
  var description: String { "\(record):\(kind):\(text)" }
}

/// What a run over an input gave.
struct Outcome: Equatable {
  var output = ""
  var records = 0
  /// Record numbers, reasons and byte offsets in the input.
  var failures: [String] = []
  var unexpected: String?
  var cells: [[SeenCell]] = []
  var error: String?
}

/// Runs bytes through splitter, decoder and encoder as the engine does, reading `read` bytes at a time.
struct JSONRig {
  var layout: JSONLayout
  var form = JSONRecordDecoder.Form.lines
  var output = JSONRecordEncoder.Form.lines
  var flattens = false
  var read = Int.max
  /// What every cell of a `write` column becomes.
  var replacement: String? = "R"
  var written: Set<Int> = []

  init(_ rules: [(String, Way)], _ unlisted: Unlisted = .error, form: JSONRecordDecoder.Form = .lines) throws {
    layout = JSONLayout(try plans(rules), unlisted: unlisted, extractKept: false)
    self.form = form
    output = form == .lines ? .lines : .array
    for plan in try plans(rules) where !plan.stages.isEmpty { written.insert(plan.column!) }
  }

  func run(_ text: String) -> Outcome { run(Array(text.utf8)) }

  func run(_ input: [UInt8]) -> Outcome {
    var outcome = Outcome()
    outcome.cells = Array(repeating: [], count: layout.columnCount)
    let splitter: any RecordSplitter = form == .lines ? NDJSONSplitter() : JSONArraySplitter()
    let decoder = JSONRecordDecoder(layout, form: form)
    let encoder = JSONRecordEncoder(form: output, flattens: flattens)
    let batch = Batch(columnCount: layout.columnCount, escapes: .json)
    let chunk = Chunk()
    var out = ByteBuffer()
    encoder.header(into: &out)
    var hasWritten = false

    var buffer: [UInt8] = []
    var taken = 0
    var scanned = 0
    var offset = 0
    do {
      while true {
        // Room behind the text that scans must not look at.
        buffer += [UInt8](repeating: 0x22, count: 8)
        let count = buffer.count - 8
        let boundary = try buffer.withUnsafeBufferPointer {
          try splitter.boundary(in: $0.baseAddress!, count: count, scanned: scanned, isEnd: taken == input.count)
        }
        buffer.removeLast(8)
        if boundary == 0 {
          if taken == input.count { break }
          scanned = count
          let more = min(read, input.count - taken)
          buffer += input[taken..<taken + more]
          taken += more
          continue
        }
        chunk.bytes.removeAll()
        buffer.withUnsafeBufferPointer { chunk.bytes.append($0.baseAddress!, count: boundary) }
        chunk.offset = offset
        buffer.removeFirst(boundary)
        scanned = 0
        batch.reset(base: chunk.bytes.start)
        decoder.decode(chunk, into: batch)
        gather(batch, offset, &outcome)
        if outcome.unexpected == nil, let field = decoder.unexpected {
          outcome.unexpected = "\(field.record + outcome.records)@\(field.offset + offset) \(field)"
        }
        for column in written { rewrite(batch.columns[column]) }
        var records = ByteBuffer()
        encoder.encode(batch, into: &records)
        if records.count > 0 {
          if hasWritten { out.append(encoder.separator) }
          out.append(records.start, count: records.count)
          hasWritten = true
        }
        offset += boundary
        outcome.records += batch.recordCount
      }
    } catch {
      outcome.error = "\(error)"
    }
    encoder.footer(isEmpty: !hasWritten, into: &out)
    outcome.output = String(decoding: UnsafeBufferPointer(start: out.start, count: out.count), as: UTF8.self)
    return outcome
  }

  private func gather(_ batch: Batch, _ offset: Int, _ outcome: inout Outcome) {
    for failure in batch.failures {
      let place = failure.offset.map { "\($0 + offset)" } ?? "?"
      outcome.failures.append("\(failure.record + outcome.records)@\(place) \(failure.reason.text)")
    }
    for index in 0..<layout.columnCount {
      let column = batch.columns[index]
      for cell in 0..<column.cells.count {
        outcome.cells[index].append(seen(column, cell, outcome.records))
      }
    }
  }

  private func seen(_ column: Column, _ index: Int, _ records: Int) -> SeenCell {
    let cell = column.cells[index]
    var text = ByteBuffer()
    let bytes = column.base + cell.offset
    if cell.has(.escaped) {
      precondition(column.hasEscapes)
      JSONText.unescape(bytes, count: cell.count, into: &text)
    } else {
      text.append(bytes, count: cell.count)
    }
    let kind =
      cell.isNull
      ? "null"
      : cell.has(.composite) ? "composite" : cell.has(.literal) ? "literal" : cell.has(.quoted) ? "string" : "?"
    return SeenCell(
      record: records + column.record(ofCell: index), kind: kind,
      text: String(decoding: UnsafeBufferPointer(start: text.start, count: text.count), as: UTF8.self))
  }

  private func rewrite(_ column: Column) {
    guard let replacement else { return }
    column.rewrite { cells, _, out in
      for index in 0..<cells.count where !cells[index].isNull {
        let start = out.count
        out.append(utf8: replacement)
        cells[index] = Cell(start: start, count: out.count - start)
      }
    }
  }
}
