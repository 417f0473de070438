/// The part of a plan that the last pass needs: which records stay, and what to write into each quasi-identifier.
///
/// It fails closed. A record has no class if it has a value or a combination that was not there when the plan was made,
/// or if its combination was not published.
///
/// Unsafe code here takes values and returns labels as pointers. Sound because `codes` covers one code per column (the
/// caller must guarantee that), codes are checked against their count, and the labels are in memory that this plan
/// owns; a pointer must not outlive the plan.
package struct RecodingPlan: Sendable {
  package private(set) var contents: PlanContents
  package var summary: RecodingSummary { contents.summary }
  private let readers: [ValueReader]
  private let combinations: CombinationIndex
  private let labels: [LabelArena]

  /// The result for a value: a code that the plan knows; a value that fits the hierarchy but was not there (`unseen`);
  /// or a value that does not fit.
  package enum Reading {
    case known(UInt32)
    case unseen
    case unfit
  }

  /// Makes a plan from this run, to be applied to the records that it was made for.
  init(_ contents: PlanContents, table: QuasiTable) {
    self.init(contents, readers: contents.columns.indices.map { ValueReader(contents, $0, lookup: table.lookups[$0]) })
  }

  /// Makes a plan from a file. `coders` are those of the pipeline: they distinguish values that fit from others.
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

  /// Records what the previous release and this one reveal together. `table` is the input of the decision.
  package mutating func intersect(_ table: QuasiTable, previous: PlanContents) {
    contents.intersection = Intersection(
      table, now: contents.visibleClassOf, previous: previous, k: summary.k)
  }

  /// Records that suppressed records stay in the release.
  package mutating func keepSuppressed() { contents.keepsSuppressed = true }

  /// Returns the reader for the values of one column.
  package func reader(column: Int) -> ValueReader { readers[column] }

  /// Returns the code of a value; nil if no record that the plan was made for had it.
  func code(column: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    if case .known(let code) = unsafe readers[column].read(bytes) { return code }
    return nil
  }

  /// Returns the number of a combination; nil if no record that the plan was made for had it.
  package func combination(_ codes: UnsafePointer<UInt32>) -> Int? { combinations.find { unsafe codes[$0] } }

  /// Returns the number of the class of a record, from 0; nil if the record is suppressed.
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

  /// Returns the text to write for a record of that class; `*` if there is no class.
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

/// Labels stored end to end in memory that does not move.
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
