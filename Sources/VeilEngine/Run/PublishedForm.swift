import VeilConfig

/// What tells sensitive values apart once they have left: those that any sink writes alike, or that mean the same where a
/// sink writes JSON, are one value.
struct PublishedForm: Sendable, Equatable {
  /// Whether a sink writes text alone (CSV, TSV), in which the number 1 and the text "1" leave alike.
  var isText = false
  /// Whether a sink writes JSON, in which 1 and 1.0 are one number.
  var isJSON = false
  /// Whether a sink puts an apostrophe in front of formulas, so that `=x` and `'=x` leave alike.
  var isGuarded = false

  init(isText: Bool = false, isJSON: Bool = false, isGuarded: Bool = false) {
    (self.isText, self.isJSON, self.isGuarded) = (isText, isJSON, isGuarded)
  }

  /// That of one sink's file.
  init(_ sink: SinkConfig, isText: Bool) {
    self.init(isText: isText, isJSON: !isText, isGuarded: isText && sink.csv.guardsFormulas)
  }

  /// As named facts of a histogram or plan say it.
  var words: String {
    let words = [isText ? "text" : nil, isJSON ? "JSON" : nil, isGuarded ? "guarded" : nil]
    return words.compactMap { $0 }.joined(separator: ", ")
  }

  /// Each record's value in a column: a byte that says what kind it is, and its text. Empty where a record has none;
  /// several in one record are one value together.
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
      // Where both are written, a text that is spelt as a number is one in either.
      if isJSON, isText || cell.has(.composite) || cell.has(.literal) {
        unsafe found[record] += JSONForm.of(Array(own))
      } else {
        unsafe found[record].append(contentsOf: own)
      }
    }
    return found
  }

  /// The text of a cell without the apostrophe that a guard puts in front of formulas. What had one of its own there cannot
  /// be told from that, and loses it.
  ///
  /// Sound: a cell lies within its column's bytes, which are alive as long as the column does not change.
  func text(of cell: Cell, _ base: UnsafePointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let isMarked = unsafe isGuarded && FormulaGuard.wrote(base + cell.offset, cell.count)
    let mark = isMarked ? 1 : 0
    return unsafe UnsafeBufferPointer(start: base + cell.offset + mark, count: cell.count - mark)
  }

  /// How values that a pipeline lists may read here, the listed spelling first.
  static func readings(of listed: [UInt8]) -> [[UInt8]] {
    var readings = [listed]
    let form = JSONForm.of(listed)
    if form != listed { readings.append(form) }
    if listed.first == FormulaGuard.mark, FormulaGuard.applies(to: Array(listed.dropFirst())) {
      readings.append(Array(listed.dropFirst()))
    }
    return readings
  }

  /// The place of each reading of a list's values; where several have one, that of the one that is spelt so, or the first.
  static func places(_ listed: [[UInt8]]) -> [[UInt8]: Int] {
    var places = Dictionary(listed.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for (place, value) in listed.enumerated() {
      for reading in readings(of: value) where places[reading] == nil { places[reading] = place }
    }
    return places
  }
}

extension CompiledPipeline {
  /// What the pipeline says of all its sinks. One whose format only a run's arguments tell may be either.
  mutating func setPublishedForm() {
    let sinks = views.map { $0.config.sinks[0] }.filter { $0.aggregate == nil }
    let source = config.source.format ?? config.source.path.flatMap { DataFormat(fileName: $0) }
    let formats = sinks.map { $0.format ?? $0.path.flatMap { DataFormat(fileName: $0) } ?? source }
    publishedForm = PublishedForm(
      isText: formats.contains { $0.map(\.isSeparated) ?? true },
      isJSON: formats.contains { $0.map { !$0.isSeparated } ?? true },
      isGuarded: sinks.contains(where: \.csv.guardsFormulas))
    for index in sinkViews.indices { sinkViews[index].publishedForm = publishedForm }
  }
}
