import VeilConfig
import VeilGround

/// Reads the values of some columns of a batch for a census of each. Belongs to one thread.
struct CensusReader {
  /// The columns to read; and below, the hash of each cell in them, 0 for one that has no value.
  private let columns: [Int]
  private var hashes: [[UInt64]]
  /// Whether an empty text leaves as a missing value, as in CSV.
  private let emptyIsNull: Bool
  /// Whether values of JSON leave in one form, in which `1` and `1.0` are one value.
  private let isCanonical: Bool
  /// Reads objects and arrays that leave whole, for each column.
  private let composites: [CompositeText]

  /// - Parameter fields: The fields of the columns.
  init(columns: [Int], fields: [CompiledField], emptyIsNull: Bool, isCanonical: Bool) {
    (self.columns, self.emptyIsNull, self.isCanonical) = (columns, emptyIsNull, isCanonical)
    hashes = columns.map { _ in [] }
    composites = fields.map { CompositeText(field: $0.config.path.plainName) }
  }

  /// Hashes the values of the records that leave. Call it when nothing can take a record out any more.
  ///
  /// The unsafe code reads each value in place, within the bytes of its cell.
  /// - Parameters:
  ///   - limit: The number of records to look at.
  ///   - judged: The batch that says which records leave; of the same records.
  mutating func read(_ batch: Batch, upTo limit: Int = .max, of judged: Batch? = nil) {
    let judged = judged ?? batch
    for (place, number) in columns.enumerated() {
      let column = batch.columns[number]
      column.unescape(batch.escapes)
      hashes[place].removeAll(keepingCapacity: true)
      hashes[place].reserveCapacity(column.cells.count)
      for index in 0..<column.cells.count {
        let cell = column.cells[index]
        let record = column.record(ofCell: index)
        guard record < limit, judged.isLive(record), !cell.isNull, cell.count > 0 || !emptyIsNull else {
          hashes[place].append(0)
          continue
        }
        let value = unsafe UnsafeRawBufferPointer(start: column.base + cell.offset, count: cell.count)
        if isCanonical, cell.has(.literal) || cell.has(.composite) {
          let form = unsafe JSONForm.of(Array(value))
          unsafe hashes[place].append(form.withUnsafeBytes { unsafe FieldCensus.hash($0) })
        } else {
          unsafe hashes[place].append(FieldCensus.hash(value))
        }
      }
    }
  }

  /// Adds what was read to the census of each column, while the batch is still the one that was read.
  /// - Parameter owner: Returns whose record this is.
  func add(_ batch: Batch, to censuses: inout [FieldCensus], owner: (Int) -> UInt64) {
    for (place, number) in columns.enumerated() {
      let column = batch.columns[number]
      var seen = RecordValues()
      for index in 0..<hashes[place].count where hashes[place][index] != 0 {
        let record = column.record(ofCell: index)
        if column.hasRows, !seen.isNew(hashes[place][index], in: record) { continue }
        censuses[place].add(hashes[place][index], owner: owner(record)) {
          let cell = column.cells[index]
          let bytes = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
          let text = unsafe Span(_unsafeElements: bytes)
          if cell.count == 0 { return [] }
          return cell.has(.composite) ? composites[place].signs(in: text) : IdentifierSigns.of(text)
        }
      }
    }
  }
}

/// Which values a record has had so far, of one field whose values are read record by record.
struct RecordValues {
  private var record = -1
  private var first: UInt64 = 0
  private var others: Set<UInt64> = []

  /// Returns whether the record has not had the value yet, and notes it.
  mutating func isNew(_ hash: UInt64, in record: Int) -> Bool {
    if record != self.record {
      (self.record, first) = (record, hash)
      if !others.isEmpty { others = [] }
      return true
    }
    return hash != first && others.insert(hash).inserted
  }
}
