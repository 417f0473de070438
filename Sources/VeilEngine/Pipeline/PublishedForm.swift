import VeilConfig
import VeilGround

/// The rule for when two published sensitive values are the same: they are if any sink writes them alike, or if they
/// mean the same in a sink that writes JSON.
struct PublishedForm: Sendable, Equatable {
  /// Whether a sink writes text only (CSV, TSV), so that the number 1 and the text "1" leave alike.
  var isText = false
  /// Whether a sink writes JSON, in which 1 and 1.0 are the same number.
  var isJSON = false
  /// Whether a sink puts an apostrophe before formulas, so that `=x` and `'=x` leave alike.
  var isGuarded = false

  init(isText: Bool = false, isJSON: Bool = false, isGuarded: Bool = false) {
    (self.isText, self.isJSON, self.isGuarded) = (isText, isJSON, isGuarded)
  }

  /// Makes the form of one sink's file.
  init(_ sink: SinkConfig, isText: Bool) {
    self.init(isText: isText, isJSON: !isText, isGuarded: isText && sink.csv.guardsFormulas)
  }

  /// The form in the words of the named facts of a histogram or plan.
  var words: String {
    let words = [isText ? "text" : nil, isJSON ? "JSON" : nil, isGuarded ? "guarded" : nil]
    return words.compactMap { $0 }.joined(separator: ", ")
  }

  /// Returns the value of each record in a column: a byte for its kind, and its text. Empty if a record has none;
  /// several values of one record count together as one.
  func values(of number: Int, in batch: Batch) -> [[UInt8]] {
    let column = batch.columns[number]
    column.unescape(batch.escapes)
    var found = [[UInt8]](repeating: [], count: batch.recordCount)
    for index in 0..<column.cells.count {
      let cell = column.cells[index]
      let record = column.record(ofCell: index)
      guard batch.isLive(record), !cell.isNull, cell.count > 0 else { continue }
      if !found[record].isEmpty { found[record].append(0) }
      found[record].append(isText ? 1 : cell.has(.composite) ? 3 : cell.has(.literal) ? 2 : 1)
      let own = unsafe self.text(of: cell, column.base)
      // Numbers leave in one form (`CanonicalNumber`), whatever the sink. If sinks write both, a text that is spelt like
      // a number is a number.
      if cell.has(.literal) || isJSON && (isText || cell.has(.composite)) {
        unsafe found[record] += JSONForm.of(Array(own))
      } else {
        unsafe found[record].append(contentsOf: own)
      }
    }
    return found
  }

  /// Returns the text of a cell without the apostrophe that a guard puts before formulas. A value that had its own
  /// apostrophe there cannot be told from that, and loses it.
  ///
  /// Sound: a cell lies within its column's bytes, which are alive as long as the column does not change.
  func text(of cell: Cell, _ base: UnsafePointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let isMarked = unsafe isGuarded && FormulaGuard.wrote(base + cell.offset, cell.count)
    let mark = isMarked ? 1 : 0
    return unsafe UnsafeBufferPointer(start: base + cell.offset + mark, count: cell.count - mark)
  }

  /// Returns the forms that a value listed in a pipeline may have here, the listed spelling first.
  static func readings(of listed: [UInt8]) -> [[UInt8]] {
    var readings = [listed]
    let form = JSONForm.of(listed)
    if form != listed { readings.append(form) }
    if listed.first == FormulaGuard.mark, FormulaGuard.applies(to: Array(listed.dropFirst())) {
      readings.append(Array(listed.dropFirst()))
    }
    return readings
  }

  /// Returns for each form the index of the listed value that it belongs to. If several values share a form, the value
  /// with exactly that spelling wins, or else the first.
  static func places(_ listed: [[UInt8]]) -> [[UInt8]: Int] {
    var places = Dictionary(listed.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for (place, value) in listed.enumerated() {
      for reading in readings(of: value) where places[reading] == nil { places[reading] = place }
    }
    return places
  }
}
