/// What the last pass needs: which records stay, and what to write into each quasi-identifier.
///
/// It fails closed: a record with a value or a combination that was not there when the plan was made, or of one that is
/// not among those published, has no class.
///
/// Unsafe code here: values come in and labels go out as pointers. Sound because `codes` covers one code a column (the
/// caller's side of the contract), codes are checked against their count, and the labels lie in memory that this plan
/// owns; a pointer must not outlive the plan.
package struct RecodingPlan: Sendable {
  package private(set) var contents: PlanContents
  package var summary: RecodingSummary { contents.summary }
  private let readers: [ValueReader]
  private let combinations: CombinationIndex
  private let labels: [LabelArena]

  /// The code of a value that the plan knows. Others fit their hierarchy and were not there (`unseen`), or do not fit it.
  package enum Reading {
    case known(UInt32)
    case unseen
    case unfit
  }

  /// A plan made in this run, applied to the records that it was made for.
  init(_ contents: PlanContents, table: QuasiTable) {
    self.init(contents, readers: contents.columns.indices.map { ValueReader(contents, $0, lookup: table.lookups[$0]) })
  }

  /// A plan from a file. `coders` are the pipeline's own: they tell values that fit from others.
  package init(_ contents: PlanContents, coders: [QuasiCoder]) {
    self.init(contents, readers: contents.columns.indices.map { ValueReader(contents, $0, coder: coders[$0]) })
  }

  package init(table: QuasiTable, plan: GlobalPlan, k: Int) { self.init(PlanContents(table, plan, k: k), table: table) }

  package init(table: QuasiTable, plan: LocalPlan, k: Int) { self.init(PlanContents(table, plan, k: k), table: table) }

  private init(_ contents: PlanContents, readers: [ValueReader]) {
    self.contents = contents
    self.readers = readers
    combinations = CombinationIndex(
      layout: contents.layout, codeCounts: contents.columns.map(\.values.count), keys: contents.keys)
    labels = contents.columns.map { LabelArena($0.labels) }
  }

  /// Notes what the release before and this one tell together. `table` is what was decided on.
  package mutating func intersect(_ table: QuasiTable, previous: PlanContents) {
    contents.intersection = Intersection(
      table, now: contents.visibleClassOf, previous: previous.classes(of: table, isVisible: true), k: summary.k)
  }

  /// Notes that suppressed records stay.
  package mutating func keepSuppressed() { contents.keepsSuppressed = true }

  /// Reads the values of one column.
  package func reader(column: Int) -> ValueReader { readers[column] }

  /// The code of a value; nil when no record that the plan was made for had it.
  func code(column: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    if case .known(let code) = unsafe readers[column].read(bytes) { return code }
    return nil
  }

  /// The number of a combination; nil when no record that the plan was made for had it.
  package func combination(_ codes: UnsafePointer<UInt32>) -> Int? { combinations.find { unsafe codes[$0] } }

  /// The number of the class a record falls into, from 0; nil when it is suppressed.
  func classIndex(_ codes: UnsafePointer<UInt32>) -> Int? {
    guard let combination = unsafe combination(codes) else { return nil }
    return classIndex(combination: combination)
  }

  package func classIndex(combination: Int) -> Int? {
    contents.classOf[combination] >= 0 ? Int(contents.classOf[combination]) : nil
  }

  func isSuppressed(_ codes: UnsafePointer<UInt32>) -> Bool {
    unsafe classIndex(codes) == nil
  }

  /// The text to write for a record of that class; `*` without a class.
  package func label(column: Int, class number: Int?) -> UnsafeBufferPointer<UInt8> {
    let labelOfClass = contents.columns[column].labelOfClass
    guard let number, number < labelOfClass.count else { return unsafe labels[column].suppressed }
    return unsafe labels[column][Int(labelOfClass[number])]
  }
}

/// Finds the codes of one column's values.
package struct ValueReader: Sendable {
  private enum Source: Sendable {
    /// A table's leaves, and the plan's code of each; `.max` for a leaf that no record had.
    case table(LeafLookup, codes: [UInt32])
    case plan(ByteStringTable, QuasiCoder)
  }
  private let source: Source

  fileprivate init(_ contents: PlanContents, _ column: Int, lookup: LeafLookup) {
    let values = contents.columns[column].values
    var codes: [UInt32] = []
    for index in 0..<values.count {
      guard let leaf = unsafe values[index].withUnsafeBufferPointer({ unsafe lookup.code($0) }) else { continue }
      while codes.count <= leaf { codes.append(.max) }
      codes[Int(leaf)] = UInt32(index)
    }
    source = .table(lookup, codes: codes)
  }

  fileprivate init(_ contents: PlanContents, _ column: Int, coder: QuasiCoder) {
    source = .plan(contents.columns[column].values, coder)
  }

  package func read(_ bytes: UnsafeBufferPointer<UInt8>) -> RecodingPlan.Reading {
    switch source {
    case .table(let lookup, let codes):
      guard let leaf = unsafe lookup.code(bytes) else { return .unfit }
      guard Int(leaf) < codes.count, codes[Int(leaf)] != .max else { return .unseen }
      return .known(codes[Int(leaf)])
    case .plan(let values, let coder):
      if let code = unsafe values.find(UnsafeRawBufferPointer(bytes)) { return .known(code) }
      if unsafe coder.fits(bytes) { return .unseen }
      if !coder.takesUnknown { return .unfit }
      return values.find(QuasiCoder.unknown).map { .known($0) } ?? .unseen
    }
  }
}

/// Labels end to end in memory that does not move.
///
/// Sound to share between threads: nothing writes after `init`. Pointers stay valid as long as the arena lives.
@safe
private final class LabelArena: @unchecked Sendable {
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let starts: [Int]

  init(_ labels: ByteStringTable) {
    var starts = [0]
    var all: [UInt8] = []
    for index in 0..<labels.count {
      all.append(contentsOf: labels[index])
      starts.append(all.count)
    }
    all.append(UInt8(ascii: "*"))
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: all.count)
    _ = unsafe bytes.initialize(from: all)
    unsafe self.bytes = bytes
    self.starts = starts
  }

  deinit { unsafe bytes.deallocate() }

  subscript(group: Int) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(rebasing: bytes[starts[group]..<starts[group + 1]])
  }

  var suppressed: UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(rebasing: bytes[(bytes.count - 1)...])
  }
}
