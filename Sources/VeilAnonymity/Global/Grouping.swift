/// The equivalence classes of one level vector, in a fixed order.
struct Grouping: Sendable {
  /// The step of each column.
  let steps: [UInt8]
  /// The groups packed by the table's layout.
  let keys: [UInt64]
  let records: [Int]
  let subjects: SubjectCounts?
  /// The values of each sensitive field that a model needs.
  let sensitive: [SensitiveCells]
  /// The people of the population in each class; empty if there is no population.
  let population: [Int]

  var count: Int { records.count }

  /// The people in each class: distinct subjects, or records.
  var people: [Int] { subjects?.people ?? records }

  /// Makes the finest grouping: each combination is a class.
  init(_ table: QuasiTable) {
    steps = Array(repeating: 0, count: table.hierarchies.count)
    keys = table.keys
    records = table.records
    subjects = table.subjects
    sensitive = table.sensitive.map(\.cells)
    population = table.population
  }

  private init(
    steps: [UInt8], keys: [UInt64], records: [Int], subjects: SubjectCounts?, sensitive: [SensitiveCells],
    population: [Int]
  ) {
    self.steps = steps
    self.keys = keys
    self.records = records
    self.subjects = subjects
    self.sensitive = sensitive
    self.population = population
  }

  /// Returns the classes at `steps`. No step may be below that of this grouping.
  func rolledUp(to steps: [UInt8], model: LossModel, layout: KeyLayout) -> Grouping {
    let recoder = KeyRecoder(from: self.steps, to: steps, model: model, layout: layout)
    var largest = 1
    for (column, step) in zip(model.columns, steps) {
      let (product, overflows) = largest.multipliedReportingOverflow(by: column.representatives[Int(step)].count)
      largest = overflows ? count : min(count, product)
    }
    var joiner = KeyJoiner(words: layout.words, atMost: max(1, largest))
    var classOf: [UInt32] = []
    if subjects == nil, sensitive.isEmpty, population.isEmpty {
      joiner.join(keys, records: records, recoder: recoder)
    } else {
      classOf = [UInt32](repeating: 0, count: count)
      joiner.join(keys, records: records, recoder: recoder, classOf: &classOf)
    }
    var joinedPopulation = [Int](repeating: 0, count: population.isEmpty ? 0 : joiner.records.count)
    for (number, count) in zip(classOf, population) { joinedPopulation[Int(number)] += count }
    return Grouping(
      steps: steps, keys: joiner.keys, records: joiner.records,
      subjects: subjects?.joined(classOf, classCount: joiner.records.count),
      sensitive: sensitive.map { $0.joined(classOf, classCount: joiner.records.count) },
      population: joinedPopulation)
  }
}

/// Recodes packed keys from one level vector to a coarser one.
struct KeyRecoder {
  struct Change {
    var word: Int
    var shift: UInt64
    var mask: UInt64
    /// Where the column's part of `groups` starts.
    var start: Int
  }
  /// The bits of the unchanged columns, by word.
  private(set) var keep: [UInt64]
  private(set) var changes: [Change] = []
  /// The new group of each old one, already shifted to its position.
  private(set) var groups: [UInt64] = []

  init(from old: [UInt8], to new: [UInt8], model: LossModel, layout: KeyLayout) {
    keep = Array(repeating: 0, count: layout.words)
    for (index, column) in model.columns.enumerated() {
      let place = layout.places[index]
      if old[index] == new[index] {
        keep[place.word] |= place.mask << place.shift
        continue
      }
      let target = Int(new[index])
      // If there is only one group, its code is 0 and needs no look-up.
      if column.representatives[target].count == 1 { continue }
      changes.append(Change(word: place.word, shift: place.shift, mask: place.mask, start: groups.count))
      for leaf in column.representatives[Int(old[index])] {
        groups.append(UInt64(column.groups[target][Int(leaf)]) << place.shift)
      }
    }
  }
}

/// Joins equal keys and sums their records. This is the innermost loop of the search.
///
/// Unsafe code here runs loops over buffer pointers. Sound because the size of `slots` is a power of two and an index
/// is masked with one less; `slots` is at least twice as large as the number of distinct keys, so probing ends; and a
/// slot holds either 0 or a number below `records.count` plus 1. Codes in a key are below the old group count, which is
/// the length of that column's part of `groups`.
struct KeyJoiner {
  private(set) var keys: [UInt64] = []
  private(set) var records: [Int] = []
  private var slots: [UInt32]
  private let words: Int

  init(words: Int, atMost count: Int) {
    self.words = words
    var size = 16
    while size < 2 * count { size *= 2 }
    slots = [UInt32](repeating: 0, count: size)
  }

  mutating func join(_ oldKeys: [UInt64], records oldRecords: [Int], recoder: KeyRecoder) {
    var none: [UInt32] = []
    join(oldKeys, records: oldRecords, recoder: recoder, classOf: &none)
  }

  /// Joins the old keys. `classOf` receives the class of each one; it is empty if the caller does not need it.
  mutating func join(
    _ oldKeys: [UInt64], records oldRecords: [Int], recoder: KeyRecoder, classOf: inout [UInt32]
  ) {
    if words == 1 {
      joinNarrow(oldKeys, records: oldRecords, recoder: recoder, classOf: &classOf)
    } else {
      joinWide(oldKeys, records: oldRecords, recoder: recoder, classOf: &classOf)
    }
  }

  private mutating func joinNarrow(
    _ oldKeys: [UInt64], records oldRecords: [Int], recoder: KeyRecoder, classOf: inout [UInt32]
  ) {
    let keep = recoder.keep[0]
    let wrap = slots.count - 1
    let wantsClasses = !classOf.isEmpty
    unsafe slots.withUnsafeMutableBufferPointer { slots in
      unsafe recoder.changes.withUnsafeBufferPointer { changes in
        unsafe recoder.groups.withUnsafeBufferPointer { groups in
          for index in oldKeys.indices {
            let old = oldKeys[index]
            var key = old & keep
            for number in 0..<changes.count {
              let change = unsafe changes[number]
              key |= unsafe groups[change.start &+ Int(truncatingIfNeeded: old >> change.shift & change.mask)]
            }
            var place = Self.hash(key) & wrap
            while true {
              let slot = unsafe Int(slots[place])
              if slot == 0 {
                keys.append(key)
                records.append(oldRecords[index])
                unsafe slots[place] = UInt32(records.count)
                if wantsClasses { classOf[index] = UInt32(records.count - 1) }
                break
              }
              if keys[slot - 1] == key {
                records[slot - 1] += oldRecords[index]
                if wantsClasses { classOf[index] = UInt32(slot - 1) }
                break
              }
              place = (place &+ 1) & wrap
            }
          }
        }
      }
    }
  }

  private mutating func joinWide(
    _ oldKeys: [UInt64], records oldRecords: [Int], recoder: KeyRecoder, classOf: inout [UInt32]
  ) {
    let wrap = slots.count - 1
    let wantsClasses = !classOf.isEmpty
    var key = [UInt64](repeating: 0, count: words)
    for index in oldRecords.indices {
      let start = index * words
      for word in 0..<words { key[word] = oldKeys[start + word] & recoder.keep[word] }
      for change in recoder.changes {
        let group = Int(truncatingIfNeeded: oldKeys[start + change.word] >> change.shift & change.mask)
        key[change.word] |= recoder.groups[change.start + group]
      }
      var place = 0
      for word in key { place = Self.hash(word ^ UInt64(truncatingIfNeeded: place)) }
      place &= wrap
      while true {
        let slot = Int(slots[place])
        if slot == 0 {
          keys.append(contentsOf: key)
          records.append(oldRecords[index])
          slots[place] = UInt32(records.count)
          if wantsClasses { classOf[index] = UInt32(records.count - 1) }
          break
        }
        let other = (slot - 1) * words
        if (0..<words).allSatisfy({ keys[other + $0] == key[$0] }) {
          records[slot - 1] += oldRecords[index]
          if wantsClasses { classOf[index] = UInt32(slot - 1) }
          break
        }
        place = (place &+ 1) & wrap
      }
    }
  }

  private static func hash(_ key: UInt64) -> Int {
    let product = (key ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }
}
