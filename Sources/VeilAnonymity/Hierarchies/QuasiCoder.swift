/// Turns the values of one quasi-identifier into dense codes.
///
/// While observing, every worker has its own coder and numbers the values as it meets them. `absorb` joins two coders,
/// and `finish` renumbers the leaves in an order that no longer depends on who met what first: the file's order, or
/// byte order with missing values first. What `finish` returns only looks up.
package struct QuasiCoder: Sendable {
  let rule: LeafRule
  private var table: ByteStringTable
  private var isGrowing: Bool
  /// A file does not list missing values; their code is the one after its last leaf.
  private var missingCode: UInt32?
  /// Whether values that the hierarchy does not cover get one code together, that of a leaf `*` (`missing: top`).
  package var takesUnknown = false

  /// How often `code` returned nil.
  private(set) var rejected = 0

  package init(rule: LeafRule) {
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
  package var codeCount: Int { isGrowing ? table.count : fixedUnknownCode + 1 }

  /// Behind a file's leaves and the missing value.
  private var fixedUnknownCode: Int { max(table.count, missingCode.map { Int($0) + 1 } ?? 0) }
  /// Stands for unknown values in a growing table: no UTF-8 text is this byte.
  static let unknown: [UInt8] = [0xFF]

  /// The code of a value, which is added to the domain where the hierarchy is computed. Nil when the value is not in
  /// the file or does not parse: the record cannot be judged.
  package mutating func code(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    let key = UnsafeRawBufferPointer(bytes)
    if let code = unsafe table.find(key) { return code }
    if bytes.isEmpty, let missingCode { return missingCode }
    if isGrowing, unsafe bytes.isEmpty || rule.accepts(Array(bytes)) { return unsafe table.insert(key) }
    guard takesUnknown else {
      rejected += 1
      return nil
    }
    return isGrowing ? table.insert(Self.unknown) : UInt32(fixedUnknownCode)
  }

  /// The text of a code that this coder gave: empty for a missing value, `unknown` for those that it does not cover.
  func value(of code: UInt32) -> [UInt8] {
    !isGrowing && Int(code) == Int(fixedUnknownCode) ? Self.unknown : lookup.value(of: code)
  }

  /// Whether the hierarchy covers a value, seen or not.
  func fits(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if bytes.isEmpty { return true }
    if unsafe table.find(UnsafeRawBufferPointer(bytes)) != nil { return true }
    return unsafe rule.accepts(Array(bytes))
  }

  /// What pass two needs of a finished coder.
  var lookup: LeafLookup { LeafLookup(table: table, missingCode: missingCode, unknownCode: nil, rule: rule) }

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
  package func finish(records: [Int]) -> (lookup: LeafLookup, hierarchy: Hierarchy, remap: [UInt32]) {
    var coder = self
    coder.isGrowing = false
    if case .file(let hierarchy) = rule { return finishFixed(coder, hierarchy: hierarchy, records: records) }
    let isUnknown = table.find(Self.unknown).map { Int($0) }
    let order = (0..<table.count).filter { records[$0] > 0 && $0 != isUnknown }.sorted { table.precedes($0, $1) }
    var remap = [UInt32](repeating: 0, count: table.count)
    coder.table = ByteStringTable(minimumCapacity: order.count)
    for old in order {
      remap[old] = unsafe table.withBytes(of: old) { unsafe coder.table.insert($0) }
    }
    let leaves = coder.table
    let rule = self.rule.settled(leaves, records: order.map { records[$0] })
    var hierarchy = Hierarchy(leaves: leaves, height: rule.computedLevels, addsRoot: true) { level, leaf in
      rule.label(leaves[leaf], level: level)
    }
    var lookup = coder.lookup
    if let isUnknown, records[isUnknown] > 0 {
      remap[isUnknown] = UInt32(leaves.count)
      lookup.unknownCode = UInt32(leaves.count)
      hierarchy = hierarchy.addingUnknownLeaf()
    }
    return (lookup, hierarchy, remap)
  }

  /// A file's leaves stay where they are; the leaves for missing and unknown values are there if records need them.
  private func finishFixed(
    _ coder: QuasiCoder, hierarchy: Hierarchy, records: [Int]
  ) -> (lookup: LeafLookup, hierarchy: Hierarchy, remap: [UInt32]) {
    var (lookup, hierarchy) = (coder.lookup, hierarchy)
    var remap = (0..<UInt32(codeCount)).map { $0 }
    if let missing = missingCode, Int(missing) == hierarchy.leafCount {
      if records[Int(missing)] > 0 { hierarchy = hierarchy.addingMissingLeaf() } else { lookup.missingCode = nil }
    }
    if records[fixedUnknownCode] > 0 {
      remap[fixedUnknownCode] = UInt32(hierarchy.leafCount)
      lookup.unknownCode = UInt32(hierarchy.leafCount)
      hierarchy = hierarchy.addingUnknownLeaf()
    }
    return (lookup, hierarchy, remap)
  }
}

/// The codes of the leaves that records kept have, or a file lists; it never takes in a new one.
package struct LeafLookup: Sendable {
  fileprivate let table: ByteStringTable
  fileprivate var missingCode: UInt32?
  /// The code of all values that the hierarchy does not cover, where it takes them.
  fileprivate var unknownCode: UInt32?
  fileprivate let rule: LeafRule

  /// The text of a code; empty for a missing value.
  func value(of code: UInt32) -> [UInt8] {
    if Int(code) < table.count { return table[Int(code)] }
    return code == unknownCode ? QuasiCoder.unknown : []
  }

  /// The code of a value; nil when it was not there in pass one, so that its record cannot be judged.
  func code(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    if let code = unsafe table.find(UnsafeRawBufferPointer(bytes)) { return code }
    if bytes.isEmpty { return missingCode }
    guard let unknownCode else { return nil }
    // A value that fits, and was not there in pass one, is not among the unknown ones.
    return unsafe rule.accepts(Array(bytes)) ? nil : unknownCode
  }
}
