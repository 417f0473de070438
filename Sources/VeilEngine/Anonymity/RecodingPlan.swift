/// What pass two needs: which records stay, and what to write into each quasi-identifier.
///
/// It fails closed: a record with a value that was not there when the plan was made, or of a class that is not among
/// those published, has no class.
///
/// Unsafe code here: group tuples are hashed as bytes on the stack, and labels are handed out as pointers. Sound because
/// `codes` covers one code a column (the caller's side of the contract), codes are checked against the leaf count, and
/// the labels lie in memory that this plan owns; a pointer must not outlive the plan.
struct RecodingPlan: Sendable {
  let summary: RecodingSummary
  private let lookups: [LeafLookup]
  private let form: Form

  private enum Form: Sendable {
    /// A value's label depends on the value and the column.
    case global([RecodedColumn], kept: ByteStringTable)
    /// A value's label depends on the column and the class of its record.
    case local(LocalForm)
  }

  init(table: QuasiTable, plan: GlobalPlan, k: Int) {
    lookups = table.lookups
    form = .global(
      zip(table.hierarchies, plan.levels).map { RecodedColumn($0, level: $1) }, kept: plan.kept)
    summary = RecodingSummary(table: table, plan: plan, k: k)
  }

  init(table: QuasiTable, plan: LocalPlan, k: Int) {
    lookups = table.lookups
    form = .local(LocalForm(table, plan))
    summary = RecodingSummary(table: table, plan: plan, k: k)
  }

  /// The code of a value; nil when no record of pass one had it: the record must not be published.
  func code(column: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    unsafe lookups[column].code(bytes)
  }

  /// The number of the class a record falls into, from 0; nil when it is suppressed.
  func classIndex(_ codes: UnsafePointer<UInt32>) -> Int? {
    switch form {
    case .local(let form): return unsafe form.classIndex(codes)
    case .global(let columns, let kept):
      return unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: columns.count) { groups in
        for column in columns.indices {
          guard let group = unsafe columns[column].group(of: codes[column]) else { return nil }
          unsafe groups.initializeElement(at: column, to: group)
        }
        return unsafe kept.find(UnsafeRawBufferPointer(groups)).map { Int($0) }
      }
    }
  }

  func isSuppressed(_ codes: UnsafePointer<UInt32>) -> Bool {
    unsafe classIndex(codes) == nil
  }

  /// The text to write for a value of a record of that class; `*` without a class, or for a code that no coder gave.
  func label(column: Int, code: UInt32, class number: Int?) -> UnsafeBufferPointer<UInt8> {
    switch form {
    case .global(let columns, _): return unsafe columns[column].label(of: number == nil ? .max : code)
    case .local(let form): return unsafe form.label(column: column, class: number)
    }
  }
}

/// What local recoding needs in pass two: the class of a combination, and each class's labels.
private struct LocalForm: Sendable {
  private let combinations: CombinationIndex
  private let classOf: [Int32]
  private let columns: [Column]

  private struct Column: Sendable {
    var labelOfClass: [UInt32]
    var labels: LabelArena
  }

  init(_ table: QuasiTable, _ plan: LocalPlan) {
    combinations = CombinationIndex(table)
    classOf = plan.classOf
    columns = zip(plan.texts, plan.labels).map { Column(labelOfClass: $1, labels: LabelArena($0)) }
  }

  func classIndex(_ codes: UnsafePointer<UInt32>) -> Int? {
    guard let combination = combinations.find({ unsafe codes[$0] }), classOf[combination] >= 0 else { return nil }
    return Int(classOf[combination])
  }

  func label(column: Int, class number: Int?) -> UnsafeBufferPointer<UInt8> {
    let column = columns[column]
    guard let number, number < column.labelOfClass.count else { return unsafe column.labels.suppressed }
    return unsafe column.labels[Int(column.labelOfClass[number])]
  }
}

/// One column's groups and labels at the level chosen.
private struct RecodedColumn: Sendable {
  private let groupOfLeaf: [UInt32]
  private let labels: LabelArena

  init(_ hierarchy: Hierarchy, level: Int) {
    groupOfLeaf = hierarchy.groups(level: level)
    labels = LabelArena(hierarchy.labels(level: level))
  }

  func group(of code: UInt32) -> UInt32? {
    Int(code) < groupOfLeaf.count ? groupOfLeaf[Int(code)] : nil
  }

  func label(of code: UInt32) -> UnsafeBufferPointer<UInt8> {
    guard let group = group(of: code) else { return unsafe labels.suppressed }
    return unsafe labels[Int(group)]
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
