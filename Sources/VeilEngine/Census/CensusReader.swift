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

  init(columns: [Int], emptyIsNull: Bool, isCanonical: Bool) {
    (self.columns, self.emptyIsNull, self.isCanonical) = (columns, emptyIsNull, isCanonical)
    hashes = columns.map { _ in [] }
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
      for index in 0..<hashes[place].count where hashes[place][index] != 0 {
        let record = column.record(ofCell: index)
        if column.hasRows, isRepeated(index, of: column, in: hashes[place]) { continue }
        censuses[place].add(hashes[place][index], owner: owner(record)) {
          let cell = column.cells[index]
          let bytes = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
          let text = unsafe Span(_unsafeElements: bytes)
          if cell.count == 0 { return [] }
          return cell.has(.composite) ? CompositeText.signs(in: text) : IdentifierSigns.of(text)
        }
      }
    }
  }

  /// Returns whether one of the values before, in the same record, is the same.
  private func isRepeated(_ index: Int, of column: Column, in hashes: [UInt64]) -> Bool {
    var before = index - 1
    while before >= 0, column.rows[before] == column.rows[index], index - before <= 64 {
      if hashes[before] == hashes[index] { return true }
      before -= 1
    }
    return false
  }
}

/// The values within a JSON object or array that leaves whole.
enum CompositeText {
  /// Returns the signs of all strings and numbers in valid JSON, without the names of members.
  static func signs(in text: Span<UInt8>) -> IdentifierSigns {
    var signs = IdentifierSigns()
    var at = 0
    while at < text.count {
      let start: Int
      let end: Int
      if text[at] == 0x22 {
        start = at + 1
        at = start
        while at < text.count, text[at] != 0x22 { at += text[at] == 0x5C ? 2 : 1 }
        end = min(at, text.count)
        at += 1
        var next = at
        while next < text.count, text[next] <= 0x20 { next += 1 }
        if next < text.count, text[next] == 0x3A { continue }
      } else if text[at] == 0x2D || text[at] &- 0x30 < 10 {
        start = at
        while at < text.count, text[at] != 0x2C, text[at] != 0x5D, text[at] != 0x7D, text[at] > 0x20 { at += 1 }
        end = at
      } else {
        at += 1
        continue
      }
      if end > start { signs.formUnion(IdentifierSigns.of(text.extracting(start..<end))) }
    }
    return signs
  }
}
