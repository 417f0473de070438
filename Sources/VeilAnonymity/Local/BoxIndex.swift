/// Finds the combinations in a box: all that are in the same groups as one combination, at given steps of the columns.
///
/// Each group of each column has a list of its members, and a large group also has a row of bits, one per combination.
/// A box is the intersection of its columns' groups. So a search combines a few hundred words with AND, instead of
/// comparing many thousand keys.
struct BoxIndex: Sendable {
  private struct Group {
    var population = 0
    /// The start of its members in `lists`.
    var list = 0
    /// The start of its bits in `rows`; -1 for a small group.
    var row = -1
  }

  private let model: LocalModel
  /// The number of words in a row of bits.
  private let words: Int
  private var groups: [Group] = []
  private var lists: [Int32] = []
  private var rows: [UInt64] = []
  /// By column and step, the position in `groupOf` where the groups by place begin.
  private var bases: [[Int]] = []
  private var groupOf: [Int32] = []
  /// The columns that narrow the present search, and the starts of their rows.
  private var narrow: [Narrowing] = []
  private var starts: [Int] = []

  private struct Narrowing {
    var condition: Condition
    var population: Int
  }

  /// The members of smaller groups are checked one by one.
  private static let large = 48

  init(_ model: LocalModel) {
    self.model = model
    words = (model.count + 63) / 64
    bases = model.columns.map { _ in [] }
    for column in model.columns.indices {
      for step in model.columns[column].levels.indices { add(column, step) }
    }
  }

  private mutating func add(_ column: Int, _ step: Int) {
    let own = model.columns[column].groups[step]
    bases[column].append(groupOf.count)
    let first = groups.count
    var numbers: [UInt32: Int] = [:]
    for group in own where numbers[group] == nil {
      numbers[group] = groups.count
      groups.append(Group())
    }
    groupOf += own.map { Int32(numbers[$0] ?? first) }
    let base = bases[column][step]
    let numberOf = (0..<model.count).map { Int(groupOf[base + Int(model.places[$0 * model.width + column])]) }
    for number in numberOf { groups[number].population += 1 }
    var start = lists.count
    for number in first..<groups.count {
      groups[number].list = start
      start += groups[number].population
      if groups[number].population > Self.large {
        groups[number].row = rows.count
        rows.append(contentsOf: repeatElement(0, count: words))
      }
    }
    lists.append(contentsOf: repeatElement(0, count: model.count))
    var filled = (first..<groups.count).map { groups[$0].list }
    for (combination, number) in numberOf.enumerated() {
      lists[filled[number - first]] = Int32(combination)
      filled[number - first] += 1
      if groups[number].row >= 0 { rows[groups[number].row + combination / 64] |= 1 << UInt64(combination % 64) }
    }
  }

  /// The condition that a combination is in a certain group of a column at a step.
  struct Condition {
    fileprivate var base: Int
    fileprivate var column: Int
    fileprivate var group: Int32
  }

  func condition(_ anchor: Int32, column: Int, step: Int) -> Condition {
    let base = bases[column][step]
    let place = Int(model.places[Int(anchor) &* model.width &+ column])
    return Condition(base: base, column: column, group: groupOf[base &+ place])
  }

  @inline(__always)
  func meets(_ condition: Condition, _ combination: Int32) -> Bool {
    groupOf[condition.base &+ Int(model.places[Int(combination) &* model.width &+ condition.column])] == condition.group
  }

  /// Finds the combinations in the box of `anchor` at these steps, in ascending order.
  mutating func find(_ anchor: Int32, at steps: some RandomAccessCollection<UInt8>, into found: inout [Int32]) {
    found.removeAll(keepingCapacity: true)
    narrow.removeAll(keepingCapacity: true)
    for (column, step) in steps.enumerated() {
      let condition = condition(anchor, column: column, step: Int(step))
      let population = groups[Int(condition.group)].population
      if population == model.count { continue }
      narrow.append(Narrowing(condition: condition, population: population))
      var place = narrow.count &- 1
      while place > 0, narrow[place &- 1].population > population {
        narrow.swapAt(place, place &- 1)
        place &-= 1
      }
    }
    guard let least = narrow.first.map({ groups[Int($0.condition.group)] }) else {
      found.append(contentsOf: 0..<Int32(model.count))
      return
    }
    if least.row < 0 {
      for place in least.list..<least.list + least.population {
        let combination = lists[place]
        if narrow.dropFirst().allSatisfy({ meets($0.condition, combination) }) {
          found.append(combination)
        }
      }
      return
    }
    starts.removeAll(keepingCapacity: true)
    for one in narrow { starts.append(groups[Int(one.condition.group)].row) }
    collect(&found)
  }

  /// Collects the combinations whose bits are set in all rows that `starts` names.
  private func collect(_ found: inout [Int32]) {
    // Sound: every row has `words` words from its start on.
    unsafe rows.withUnsafeBufferPointer { rows in
      unsafe starts.withUnsafeBufferPointer { starts in
        let (first, second) = unsafe (starts[0], starts[min(1, starts.count - 1)])
        for word in 0..<words {
          // After two rows, most words are zero.
          var bits = unsafe rows[first &+ word] & rows[second &+ word]
          var next = 2
          while bits != 0, next < starts.count {
            unsafe bits &= rows[starts[next] &+ word]
            next &+= 1
          }
          while bits != 0 {
            found.append(Int32(truncatingIfNeeded: word &* 64 &+ bits.trailingZeroBitCount))
            bits &= bits &- 1
          }
        }
      }
    }
  }

  /// The cost of a search, in words.
  var cost: Int { words }
}
