/// The table in the form that local recoding needs. It has only whole numbers, so that no result depends on the order
/// of summation.
///
/// Within a column, the leaves have places in an order that keeps every group of every level together. So the lowest
/// and highest place of a set of values are enough: their lowest common ancestor is that of the whole set.
///
/// Loss is counted in units: 0 for an unchanged cell, `full` for a cell that says nothing. A record's loss is the sum
/// over its cells, at most `everything`. If columns have weights, the units of a column are in proportion to its
/// weight.
final class LocalModel: Sendable {
  package struct ModelColumn: Sendable {
    /// The hierarchy levels worth using, from fine to coarse, as in `LossModel`; here they are called steps.
    let levels: [Int]
    let placeOfLeaf: [UInt32]
    let leafOfPlace: [UInt32]
    /// The group and the loss of each place, by step.
    let groups: [[UInt32]]
    let losses: [[UInt32]]
    /// The number that one step up, or one step down, adds to a key, by step and place; empty for a step up from the
    /// last step and a step down from 0.
    let ups: [[UInt64]]
    let downs: [[UInt64]]
    /// The start of the column's table of losses by (lowest, highest) place; nil if the table would be too large.
    let table: Int?

    var leafCount: Int { placeOfLeaf.count }
  }

  let columns: [ModelColumn]
  /// The loss of a cell that covers the whole domain, in a column of the largest weight.
  let full: Int
  /// The loss of a record that says nothing.
  let everything: Int
  /// For each combination, one place per column.
  let places: [UInt32]
  let records: [Int]
  /// How many people each combination may count towards a class. For any set of combinations, the sum is at most the
  /// number of distinct people in it.
  let people: [Int]
  /// By column, step and place: in the high bits a pseudo-random number for the place's group, in the low bits the loss
  /// of that group. The sum of the words of several columns is a key that identifies a class and contains its loss.
  private let words: [UInt64]
  /// The start of each column's words.
  private let wordStarts: [Int]
  private let tables: [UInt32]
  /// The start of each column's table, or -1, and the length of its side.
  private let tableStarts: [Int]
  private let sides: [Int]

  var width: Int { columns.count }
  var count: Int { records.count }

  /// The low bits of a key, which hold its loss.
  static let lossBits: UInt64 = 24
  static let lossMask: UInt64 = (1 << lossBits) - 1

  init(_ table: QuasiTable) {
    let loss = LossModel(table)
    full = min(0xFFFF, Int(Self.lossMask) / max(1, loss.columns.count))
    var tables: [UInt32] = []
    var words: [UInt64] = []
    var wordStarts: [Int] = []
    var columns: [ModelColumn] = []
    let heaviest = loss.weights.max() ?? 1
    var everything = 0
    for (number, column) in loss.columns.enumerated() {
      let own = max(1, Int((Double(full) * loss.weights[number] / heaviest).rounded()))
      everything += own
      wordStarts.append(words.count)
      columns.append(Self.column(column, number: number, full: own, allWords: &words, tables: &tables))
    }
    self.everything = everything
    var places = [UInt32](repeating: 0, count: table.records.count * columns.count)
    for index in table.records.indices {
      for (number, column) in columns.enumerated() {
        let leaf = table.layout.code(number, in: table.keys, at: index * table.layout.words)
        places[index * columns.count + number] = column.placeOfLeaf[leaf]
      }
    }
    self.columns = columns
    self.words = words
    self.wordStarts = wordStarts
    self.tables = tables
    tableStarts = columns.map { $0.table ?? -1 }
    sides = columns.map(\.leafCount)
    self.places = places
    records = table.records
    people = table.subjects?.credits ?? table.records
  }

  /// Returns the same columns for some of the combinations, which get new numbers.
  func restricted(to combinations: [Int32]) -> LocalModel { LocalModel(self, combinations) }

  private init(_ whole: LocalModel, _ combinations: [Int32]) {
    (columns, full, everything, tables) = (whole.columns, whole.full, whole.everything, whole.tables)
    (words, wordStarts) = (whole.words, whole.wordStarts)
    (tableStarts, sides) = (whole.tableStarts, whole.sides)
    let width = whole.width
    places = combinations.flatMap { whole.places[Int($0) * width..<(Int($0) + 1) * width] }
    records = combinations.map { whole.records[Int($0)] }
    people = combinations.map { whole.people[Int($0)] }
  }

  private static func column(
    _ column: LossModel.LossColumn, number: Int, full: Int, allWords: inout [UInt64], tables: inout [UInt32]
  ) -> ModelColumn {
    let count = column.groups[0].count
    let order = (0..<count).sorted { a, b in
      for step in column.groups.indices.reversed() where column.groups[step][a] != column.groups[step][b] {
        return column.groups[step][a] < column.groups[step][b]
      }
      return false
    }
    var placeOfLeaf = [UInt32](repeating: 0, count: count)
    for (place, leaf) in order.enumerated() { placeOfLeaf[leaf] = UInt32(place) }
    let groups = column.groups.map { groups in order.map { groups[$0] } }
    let losses = groups.indices.map { step in
      groups[step].map { group in
        column.span == 0 ? 0 : UInt32((column.own[step][Int(group)] * full + column.span / 2) / column.span)
      }
    }
    let words = groups.indices.map { step in
      zip(groups[step], losses[step]).map { group, loss in
        mixed(UInt64(number) << 48 ^ UInt64(step) << 40 ^ UInt64(group)) << lossBits | UInt64(loss)
      }
    }
    allWords += words.joined()
    let ups = zip(words, words.dropFirst()).map { fine, coarse in zip(fine, coarse).map { $1 &- $0 } } + [[]]
    let downs = [[]] + ups.dropLast().map { $0.map { 0 &- $0 } }
    var start: Int?
    if count <= 256 {
      start = tables.count
      for low in 0..<count {
        for high in 0..<count {
          let step = groups.indices.first { groups[$0][low] == groups[$0][high] } ?? groups.count - 1
          tables.append(losses[step][low])
        }
      }
    }
    return ModelColumn(
      levels: column.levels, placeOfLeaf: placeOfLeaf, leafOfPlace: order.map { UInt32($0) }, groups: groups,
      losses: losses, ups: ups, downs: downs, table: start)
  }

  /// Returns the output of SplitMix64's finisher, which is a bijection.
  static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Returns the word of a combination's group at a step of a column.
  @inline(__always)
  func word(_ column: Int, _ step: Int, of combination: Int) -> UInt64 {
    words[wordStarts[column] &+ step &* sides[column] &+ Int(places[combination &* width &+ column])]
  }

  /// Returns the words of a column's places at a step.
  func words(_ column: Int, _ step: Int) -> ArraySlice<UInt64> {
    let start = wordStarts[column] + step * sides[column]
    return words[start..<start + sides[column]]
  }

  /// Returns the finest step at which two places are in one group.
  func step(_ column: Int, low: UInt32, high: UInt32) -> Int {
    let groups = columns[column].groups
    return groups.indices.first { groups[$0][Int(low)] == groups[$0][Int(high)] } ?? groups.count - 1
  }

  /// Returns the finest step of each column at which all the combinations are in one group.
  func steps(of members: [Int32]) -> [Int] {
    (0..<width).map { column in
      var (low, high) = (UInt32.max, UInt32(0))
      for member in members {
        let place = places[Int(member) &* width &+ column]
        (low, high) = (min(low, place), max(high, place))
      }
      return step(column, low: low, high: high)
    }
  }

  /// Returns the loss of a cell that covers both places, and so all places between them.
  @inline(__always)
  func loss(_ column: Int, low: UInt32, high: UInt32) -> Int {
    if low == high { return 0 }
    let start = tableStarts[column]
    if start >= 0 { return Int(tables[start &+ Int(low) &* sides[column] &+ Int(high)]) }
    return Int(columns[column].losses[step(column, low: low, high: high)][Int(low)])
  }
}

extension SubjectCounts {
  /// The people by class, with each person counted once: a person in several classes counts in the first of them. So
  /// the sum over any classes is at most the number of distinct people in them.
  var credits: [Int] {
    var credits = single
    for subject in 0..<starts.count - 1 { credits[Int(classes[starts[subject]])] += 1 }
    return credits
  }
}
