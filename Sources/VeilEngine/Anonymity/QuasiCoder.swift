/// Turns the values of one quasi-identifier into dense codes.
///
/// While observing, every worker has its own coder and numbers the values as it meets them. `absorb` joins two coders,
/// and `finish` renumbers the leaves in an order that no longer depends on who met what first: the file's order, or
/// byte order with missing values first. What `finish` returns only looks up.
struct QuasiCoder: Sendable {
  let rule: LeafRule
  private var table: ByteStringTable
  private var isGrowing: Bool
  /// A file does not list missing values; their code is the one after its last leaf.
  private var missingCode: UInt32?

  /// How often `code` returned nil.
  private(set) var rejected = 0

  init(rule: LeafRule) {
    self.rule = rule
    if case .file(let hierarchy) = rule {
      table = hierarchy.labels(level: 0)
      isGrowing = false
      missingCode = table.find([UInt8]()) ?? UInt32(table.count)
    } else {
      table = ByteStringTable(minimumCapacity: 64)
      isGrowing = true
    }
  }

  /// One more than the highest code given so far.
  var codeCount: Int { max(table.count, missingCode.map { Int($0) + 1 } ?? 0) }

  /// The code of a value, which is added to the domain where the hierarchy is computed. Nil when the value is not in
  /// the file or does not parse: the record cannot be judged.
  mutating func code(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    let key = UnsafeRawBufferPointer(bytes)
    if let code = unsafe table.find(key) { return code }
    if bytes.isEmpty, let missingCode { return missingCode }
    guard isGrowing, unsafe bytes.isEmpty || rule.accepts(Array(bytes)) else {
      rejected += 1
      return nil
    }
    return unsafe table.insert(key)
  }

  /// Whether the hierarchy covers a value, seen or not.
  func fits(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if bytes.isEmpty { return true }
    if unsafe table.find(UnsafeRawBufferPointer(bytes)) != nil { return true }
    return unsafe rule.accepts(Array(bytes))
  }

  /// What pass two needs of a finished coder.
  var lookup: LeafLookup { LeafLookup(table: table, missingCode: missingCode) }

  /// Takes in what another coder of the same rule has seen; returns this coder's code for each of the other's.
  mutating func absorb(_ other: QuasiCoder) -> [UInt32] {
    rejected += other.rejected
    guard isGrowing else { return (0..<UInt32(other.codeCount)).map { $0 } }
    return (0..<other.table.count).map { index in
      unsafe other.table.withBytes(of: index) { unsafe table.insert($0) }
    }
  }

  /// The look-up and hierarchy, and the final code of each code given so far. Values that no record kept has
  /// (`records[code] == 0`) leave a computed domain; their new code means nothing.
  func finish(records: [Int]) -> (lookup: LeafLookup, hierarchy: Hierarchy, remap: [UInt32]) {
    var coder = self
    coder.isGrowing = false
    if case .file(let hierarchy) = rule {
      let same = (0..<UInt32(codeCount)).map { $0 }
      guard codeCount > hierarchy.leafCount else { return (coder.lookup, hierarchy, same) }
      if records[hierarchy.leafCount] > 0 { return (coder.lookup, hierarchy.addingMissingLeaf(), same) }
      coder.missingCode = nil
      return (coder.lookup, hierarchy, same)
    }
    let order = (0..<table.count).filter { records[$0] > 0 }.sorted { table.precedes($0, $1) }
    var remap = [UInt32](repeating: 0, count: table.count)
    coder.table = ByteStringTable(minimumCapacity: order.count)
    for old in order {
      remap[old] = unsafe table.withBytes(of: old) { unsafe coder.table.insert($0) }
    }
    let leaves = coder.table
    let hierarchy = Hierarchy(leaves: leaves, height: rule.computedLevels, addsRoot: true) { level, leaf in
      rule.label(leaves[leaf], level: level)
    }
    return (coder.lookup, hierarchy, remap)
  }
}

/// The codes of the leaves that records kept have, or a file lists; it never takes in a new one.
struct LeafLookup: Sendable {
  fileprivate let table: ByteStringTable
  fileprivate let missingCode: UInt32?

  /// The text of a code; empty for a missing value.
  func value(of code: UInt32) -> [UInt8] { Int(code) < table.count ? table[Int(code)] : [] }

  /// The code of a value; nil when it was not there in pass one, so that its record cannot be judged.
  func code(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    if let code = unsafe table.find(UnsafeRawBufferPointer(bytes)) { return code }
    return bytes.isEmpty ? missingCode : nil
  }
}
