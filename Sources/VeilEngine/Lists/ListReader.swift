import VeilConfig
import VeilCrypto
import VeilGround

/// Reads a list of people that lies beside the data (people to erase, consents, corrections): CSV, TSV, NDJSON or a
/// JSON array, compressed or not. If a list cannot be read whole, the run ends: otherwise somebody on the list would be
/// missed.
struct ListReader {
  struct NamedColumn {
    var name: String
    /// Whether a list may have no such column.
    var isOptional = false
  }

  /// The name of the list in messages, such as `erasure list`.
  let what: String
  let path: String
  /// The columns to read; the column of the people comes first.
  let columns: [NamedColumn]
  private let file: InputFile
  private let table: TableReader
  /// What becomes of each field of a CSV file.
  private var uses: [CSVLayout.Use] = []
  /// Whether a CSV header has each of the columns; for JSON, every column counts as there.
  private(set) var isThere: [Bool]

  init(_ path: String, what: String, columns: [NamedColumn]) throws {
    (self.path, self.what, self.columns) = (path, what, columns)
    file = try InputFile(path: path, takes: .files)
    table = try TableReader(file, TableForm(DataFormat(fileName: path) ?? .csv), name: path)
    isThere = columns.map { _ in true }
    if table.form.format.isSeparated { try findColumns(in: table.header) }
  }

  private mutating func findColumns(in names: [String]) throws(RunError) {
    uses = Array(repeating: .skip, count: names.count)
    for (index, column) in columns.enumerated() {
      guard let place = names.firstIndex(of: column.name) else {
        isThere[index] = false
        if column.isOptional { continue }
        let near = Diagnostics.nearest(column.name, in: names).map { ": did the pipeline mean '\($0)'?" } ?? ""
        throw RunError(.mismatch, "\(path): the \(what) has no column '\(column.name)'\(near)")
      }
      if names.count(where: { $0 == column.name }) > 1 {
        throw RunError(
          .mismatch, "\(path): the \(what) names the column '\(column.name)' twice: rename one of them")
      }
      if uses[place] != .skip {
        throw RunError(.mismatch, "\(path): the column '\(column.name)' of the \(what) has two uses")
      }
      uses[place] = .value(column: index)
    }
  }

  /// Passes all records to takers, one for each thread.
  /// - Returns: a summary of what was read, for the manifest.
  func read(threads: Int, _ taker: () throws -> (any ListTaker, normalization: [any Rewriter])) throws -> ListSummary {
    let state = ListState()
    let stations = try (0..<threads).map { _ in
      let (taker, normalization) = try taker()
      return ListStation(self, state: state, taker: taker, normalization: normalization)
    }
    try Conveyor.run(table.chunks, through: stations, threads: stations.count)
    try file.checkUnchanged()
    return ListSummary(what: what, path: path, bytes: file.byteCount, sha256: file.sha256, records: state.records)
  }

  /// Makes what one thread decodes with.
  fileprivate func decoding() -> TableForm.Decoding {
    let plans = columns.enumerated().map { index, column in
      FieldPlan(name: column.name, path: FieldPath(key: column.name), column: index, isEmitted: false)
    }
    return table.form.decoding(
      columns: columns.count,
      fields: CSVLayout(uses: uses, unquotedIsPlain: false, header: table.form.hasHeader ? table.header : []),
      paths: JSONLayout(plans, unlisted: .drop, extractKept: true))
  }
}

/// What the manifest says about a list: no values of people, no names.
struct ListSummary: Sendable {
  var what: String
  var path: String
  var bytes: Int
  var sha256: String
  var records: Int
  /// More figures, by name.
  var counts: [(name: String, count: Int)] = []
}

/// Takes the records of a list, one batch at a time. Belongs to one thread.
protocol ListTaker: AnyObject {
  /// Takes records whose values are unescaped, each value once, and the person normalized. May fail records.
  func take(_ records: ListRecords)
  /// Adds what was taken to the common result, in the list's order. Only one taker does this at a time.
  func deliver()
}

/// The records of a batch, to be read in order.
final class ListRecords {
  let batch: Batch
  /// The index of the next cell in each column.
  private var next: [Int]

  init(_ batch: Batch) {
    self.batch = batch
    next = [Int](repeating: 0, count: batch.columns.count)
  }

  /// Returns whether the value last read from a column is a JSON number, true or false.
  func isLiteral(_ number: Int) -> Bool {
    let cells = batch.columns[number].cells.count
    return next[number] < cells && batch.columns[number].cells[next[number]].has(.literal)
  }

  /// Returns a value; nil if it is missing, null or empty. The caller must ask for records in order, and once for each
  /// column.
  func value(_ number: Int, of record: Int) -> UnsafeBufferPointer<UInt8>? {
    let column = batch.columns[number]
    var at = next[number]
    while at < column.cells.count, column.record(ofCell: at) < record { at += 1 }
    next[number] = at
    guard at < column.cells.count, column.record(ofCell: at) == record else { return nil }
    let cell = column.cells[at]
    guard !cell.isNull, cell.count > 0 else { return nil }
    // Sound: the cell stands in the bytes of its column, which outlive the batch's turn.
    return unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
  }
}

/// What the stations of one list share. Only the station whose turn it is uses it.
private final class ListState {
  var records = 0
}

private final class ListStation: Station {
  private let list: ListReader
  private let state: ListState
  private let taker: any ListTaker
  private let normalization: [any Rewriter]
  private let decoder: any RecordDecoder
  private let batch: Batch
  private var offset = 0

  init(_ list: ListReader, state: ListState, taker: any ListTaker, normalization: [any Rewriter]) {
    (self.list, self.state, self.taker, self.normalization) = (list, state, taker, normalization)
    (decoder, batch) = list.decoding()
  }

  func process(_ chunk: Chunk) {
    offset = chunk.offset
    unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
    decoder.decode(chunk, into: batch)
    for column in batch.columns {
      column.unescape(batch.escapes)
      checkShape(column)
    }
    for rewriter in normalization { rewriter.rewrite(batch.columns[0], of: 0, in: batch) }
    taker.take(ListRecords(batch))
  }

  /// Fails a record whose value is an object or a repeated key: such a value cannot be relied on.
  private func checkShape(_ column: Column) {
    for index in 0..<column.cells.count {
      let record = column.record(ofCell: index)
      if column.cells[index].has(.composite) { batch.fail(record, field: nil, reason: .composite) }
      if index > 0, column.record(ofCell: index - 1) == record {
        batch.fail(record, field: nil, reason: FailureReason("has one field twice", .shape))
      }
    }
  }

  func deliver() throws {
    if let failure = batch.failures.min(by: { $0.record < $1.record }) {
      let at = offset + (failure.offset ?? Int(batch.recordStarts[failure.record]))
      throw RunError(
        .inputOutput,
        "\(list.path): record \(state.records + failure.record + 1), byte offset \(at): \(failure.reason.text)")
    }
    state.records += batch.recordCount
    taker.deliver()
  }
}
