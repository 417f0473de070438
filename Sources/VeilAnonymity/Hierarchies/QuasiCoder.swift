/// Turns the values of one quasi-identifier into dense codes.
///
/// During observation every worker has its own coder, which numbers the values in the order of their arrival. `absorb`
/// joins two coders. `finish` renumbers the leaves in an order that does not depend on the workers: the order of the
/// file, or byte order with missing values first. The result of `finish` is only for look-up.
package struct QuasiCoder: Sendable {
  package let rule: LeafRule
  private var table: ByteStringTable
  private var isGrowing: Bool
  /// A file does not list missing values; their code is the one after its last leaf.
  private var missingCode: UInt32?
  /// Whether all values that the hierarchy does not cover share one code, that of a leaf `*` (`missing: top`).
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

  /// One more than the highest code so far.
  package var codeCount: Int { isGrowing ? table.count : fixedUnknownCode + 1 }

  /// The code after the leaves of a file and the missing value.
  private var fixedUnknownCode: Int { max(table.count, missingCode.map { Int($0) + 1 } ?? 0) }
  /// Represents unknown values in a growing table. No UTF-8 text is this byte.
  static let unknown: [UInt8] = [0xFF]

  /// Returns the code of a value, and adds the value to the domain if the hierarchy is computed. Returns nil if the
  /// value is not in the file or does not parse: then the record cannot be judged.
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

  /// Returns the text of a code of this coder: empty for a missing value, `unknown` for values that the hierarchy does
  /// not cover.
  func value(of code: UInt32) -> [UInt8] {
    !isGrowing && Int(code) == Int(fixedUnknownCode) ? Self.unknown : lookup.value(of: code)
  }

  /// Returns whether the hierarchy covers a value, even if no record had it.
  func fits(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if bytes.isEmpty { return true }
    if unsafe table.find(UnsafeRawBufferPointer(bytes)) != nil { return true }
    return unsafe rule.accepts(Array(bytes))
  }

  /// The part of a finished coder that pass two needs.
  var lookup: LeafLookup { LeafLookup(table: table, missingCode: missingCode, unknownCode: nil, rule: rule) }

  /// Adds the values that another coder of the same rule has seen. Returns this coder's code for each of the other's.
  mutating func absorb(_ other: QuasiCoder) -> [UInt32] {
    rejected += other.rejected
    guard isGrowing else { return (0..<UInt32(other.codeCount)).map { $0 } }
    return (0..<other.table.count).map { index in
      unsafe other.table.withBytes(of: index) { unsafe table.insert($0) }
    }
  }

  /// Returns the look-up and the hierarchy, and the final code for each code given so far. Values that no kept record
  /// has (`records[code] == 0`) are removed from a computed domain; their new code means nothing.
  package func finish(records: [Int], people: [Int]) -> (lookup: LeafLookup, hierarchy: Hierarchy, remap: [UInt32]) {
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
    let rule = self.rule.settled(leaves, records: order.map { records[$0] }, people: order.map { people[$0] })
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

  /// Leaves the codes of a file unchanged, and adds leaves for missing and unknown values if records need them.
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

/// The codes of the leaves that kept records have, or that a file lists. It never adds a leaf.
package struct LeafLookup: Sendable {
  fileprivate let table: ByteStringTable
  fileprivate var missingCode: UInt32?
  /// The code of all values that the hierarchy does not cover, if the pipeline accepts such values.
  fileprivate var unknownCode: UInt32?
  fileprivate let rule: LeafRule

  /// Returns the text of a code; empty for a missing value.
  func value(of code: UInt32) -> [UInt8] {
    if Int(code) < table.count { return table[Int(code)] }
    return code == unknownCode ? QuasiCoder.unknown : []
  }

  /// Returns the code of a value; nil if the value was not there in pass one, so that its record cannot be judged.
  func code(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    if let code = unsafe table.find(UnsafeRawBufferPointer(bytes)) { return code }
    if bytes.isEmpty { return missingCode }
    guard let unknownCode else { return nil }
    // A value that fits the hierarchy but was not there in pass one does not count as unknown.
    return unsafe rule.accepts(Array(bytes)) ? nil : unknownCode
  }
}
