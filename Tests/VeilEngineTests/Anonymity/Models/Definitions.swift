import Foundation

@testable import VeilAnonymity
@testable import VeilEngine

/// The models as their papers define them, on lists of people and values: slow, plain, and without a line of the engine.
enum Definitions {
  typealias Member = (person: UInt64, value: String)

  enum Model: CustomStringConvertible {
    case distinct(Int)
    case entropy(Double)
    case recursive(Double, Int)
    case equal(Double)
    case ordered(Double)
    case tree(Double)
    case alpha(Double)
    case beta(Double)
    case enhancedBeta(Double)
    case delta(Double)

    var description: String {
      switch self {
      case .distinct(let l): "distinct \(l)"
      case .entropy(let l): "entropy \(l)"
      case .recursive(let c, let l): "recursive \(c) \(l)"
      case .equal(let t): "equal \(t)"
      case .ordered(let t): "ordered \(t)"
      case .tree(let t): "tree \(t)"
      case .alpha(let a): "alpha \(a)"
      case .beta(let b): "beta \(b)"
      case .enhancedBeta(let b): "enhanced beta \(b)"
      case .delta(let d): "delta \(d)"
      }
    }
  }

  /// Pairs of person and value, each once.
  static func pairs(_ members: [Member]) -> [String] {
    var seen: Set<String> = []
    return members.compactMap { seen.insert("\($0.person)/\($0.value)").inserted ? $0.value : nil }
  }

  static func shares(_ members: [Member]) -> [String: Double] {
    let values = pairs(members)
    return Dictionary(grouping: values, by: { $0 }).mapValues { Double($0.count) / Double(values.count) }
  }

  /// How many people have each value if everybody has one: with several to choose from, the most frequent one is taken as
  /// often as can be, then the next. Missing values are left out, and people with nothing else.
  static func oneEach(_ members: [Member]) -> [Double] {
    let people = Set(members.map(\.person)).count
    let without = Set(members.filter { $0.value.isEmpty }.map(\.person)).count
    var counts: [String: Int] = [:]
    for value in pairs(members) where !value.isEmpty { counts[value, default: 0] += 1 }
    var result: [Double] = []
    var left = max(people - without, counts.values.max() ?? 0)
    for count in counts.values.sorted(by: >) where left > 0 {
      result.append(Double(min(count, left)))
      left -= count
    }
    return result
  }

  /// How many different values there are at least if each person is known by one of theirs: the smallest set that has a
  /// value of everybody who lacks none.
  static func fewest(_ members: [Member]) -> Int {
    let values = Set(members.map(\.value)).subtracting([""]).sorted()
    let people = Dictionary(grouping: members, by: \.person).values
      .filter { own in own.allSatisfy { !$0.value.isEmpty } }
      .map { own in values.indices.reduce(0) { $0 | (own.map(\.value).contains(values[$1]) ? 1 << $1 : 0) } }
      .filter { $0 > 0 }
    if people.isEmpty { return 0 }
    return (1..<(1 << values.count)).filter { set in people.allSatisfy { $0 & set != 0 } }.map(\.nonzeroBitCount)
      .min() ?? 0
  }

  /// `order`: all values of the whole table by rank. `group`: the tree's only level between values and top.
  static func holds(
    _ model: Model, _ members: [Member], whole: [Member], order: [String], group: (String) -> String
  ) -> Bool {
    let (p, q) = (shares(members), shares(whole))
    let room = 1e-9
    switch model {
    case .distinct(let l): return fewest(members) >= l
    case .entropy(let l):
      let counts = oneEach(members)
      let all = counts.reduce(0, +)
      return all > 0 && exp(counts.reduce(0) { $0 - $1 / all * log($1 / all) }) >= l - room
    case .recursive(let c, let l):
      let counts = oneEach(members)
      return counts.count >= l && counts[0] < c * counts[(l - 1)...].reduce(0, +) - room
    case .equal(let t):
      return q.keys.reduce(0) { $0 + abs((p[$1] ?? 0) - q[$1]!) } / 2 <= t + room
    case .ordered(let t):
      var sum = 0.0
      for end in order.indices {
        sum += abs(order[...end].reduce(0) { $0 + (p[$1] ?? 0) - (q[$1] ?? 0) })
      }
      return sum / Double(max(1, order.count - 1)) <= t + room
    case .tree(let t):
      // Half of the way goes within groups, at half of the height; what groups differ by goes over the top.
      var moved = 0.0
      for (name, values) in Dictionary(grouping: q.keys, by: group) {
        _ = name
        let up = values.reduce(0) { $0 + max(0, (p[$1] ?? 0) - q[$1]!) }
        let down = values.reduce(0) { $0 + max(0, q[$1]! - (p[$1] ?? 0)) }
        moved += min(up, down) * 0.5 + abs(up - down) * 0.5
      }
      return moved <= t + room
    case .alpha(let alpha):
      let people = Double(Set(members.map(\.person)).count)
      return Dictionary(grouping: pairs(members), by: { $0 }).values.allSatisfy {
        Double($0.count) <= (alpha + room) * people
      }
    case .beta(let beta): return p.allSatisfy { $1 <= (1 + beta) * q[$0]! + room }
    case .enhancedBeta(let beta): return p.allSatisfy { $1 <= (1 + min(beta, -log(q[$0]!))) * q[$0]! + room }
    case .delta(let delta):
      return q.allSatisfy { value, share in p[value].map { abs(log($0 / share)) < delta - room } ?? false }
    }
  }
}

/// A random table with a sensitive field.
struct ModelTable {
  let data: RandomTable
  let table: QuasiTable
  let values: [String]
  static let domain = ["1", "2", "3", "4", "10", ""]
  static func group(_ value: String) -> String {
    value.isEmpty ? "none" : value == "1" || value == "2" ? "low" : "high"
  }

  init(seed: UInt64, columns: Int = 3, rows: Int = 50) {
    let data = RandomTable(seed: seed, columns: columns, rows: rows)
    var random = Random(seed: seed ^ 0x5EED)
    let domain = Array(Self.domain.prefix(Int.random(in: 2...6, using: &random)))
    let values = data.rows.map { _ in
      domain[(0..<2).map { _ in Int.random(in: domain.indices, using: &random) }.min()!]
    }
    self.data = data
    self.values = values
    table = Self.table(data, values, Array(data.rows.indices))
  }

  /// The table of some of the rows.
  func table(of indices: [Int]) -> QuasiTable { Self.table(data, values, indices) }

  private static func table(_ data: RandomTable, _ values: [String], _ indices: [Int]) -> QuasiTable {
    // As several threads would see it.
    var observers = (0..<2).map { _ in
      QuasiObserver(coders: data.coders, countsSubjects: data.countsSubjects, sensitiveCount: 1)
    }
    for index in indices {
      let codes = data.rows[index].enumerated().map { column, value in
        value.withUnsafeBufferPointer { observers[index % 2].coders[column].code($0)! }
      }
      let combination = codes.withUnsafeBufferPointer {
        observers[index % 2].histogram.observe(codes: $0.baseAddress!, subject: data.subject(index))
      }
      let text = Array(values[index].utf8)
      observers[index % 2].sensitive.observe(
        0, text.isEmpty ? [] : [1] + text, combination: combination, subject: data.subject(index))
    }
    observers[0].merge(observers[1])
    return observers[0].finish()
  }

  func member(_ index: Int) -> Definitions.Member { (data.subject(index) ?? UInt64(index), values[index]) }
  var whole: [Definitions.Member] { data.rows.indices.map(member) }
  /// By size; none first.
  var order: [String] { Set(values).sorted { (Double($0) ?? -1) < (Double($1) ?? -1) } }

  func holds(_ models: [Definitions.Model], _ members: [Definitions.Member]) -> Bool {
    let (whole, order) = (whole, order)
    return models.allSatisfy {
      Definitions.holds($0, members, whole: whole, order: order, group: Self.group)
    }
  }

  /// The search's side of the same models.
  func criteria(_ models: [Definitions.Model]) -> ClassCriteria {
    let column = table.sensitive[0]
    let totals = column.totals.map(Double.init)
    let overall = totals.map { $0 / max(1, totals.reduce(0, +)) }
    let names = column.values.map { String(decoding: $0.dropFirst(), as: UTF8.self) }
    var criteria = ClassCriteria()
    for model in models {
      let made: any SensitiveCriterion
      switch model {
      case .distinct(let l): made = Diversity(kind: .distinct(l), missing: column.missing)
      case .entropy(let l): made = Diversity(kind: .entropy(l), missing: column.missing)
      case .recursive(let c, let l): made = Diversity(kind: .recursive(c: c, l: l), missing: column.missing)
      case .equal(let t): made = Closeness(t: t, overall: overall, distance: .equal)
      case .ordered(let t):
        made = Closeness(t: t, overall: overall, distance: .ordered(order.map { names.firstIndex(of: $0)! }))
      case .tree(let t): made = Closeness(t: t, overall: overall, distance: .hierarchical(tree(names)))
      case .alpha(let alpha): made = AlphaAnonymity(alpha: alpha, isProtected: names.map { _ in true })
      case .beta(let beta): made = BetaLikeness(beta: beta, isEnhanced: false, overall: overall)
      case .enhancedBeta(let beta): made = BetaLikeness(beta: beta, isEnhanced: true, overall: overall)
      case .delta(let delta): made = DeltaDisclosure(delta: delta, overall: overall)
      }
      criteria.items.append((0, made))
    }
    return criteria
  }

  private func tree(_ names: [String]) -> MoverTree {
    let groups = ["none", "low", "high"]
    return MoverTree(
      parents: names.map { names.count + groups.firstIndex(of: Self.group($0))! } + groups.map { _ in names.count + 3 }
        + [-1],
      heights: names.map { _ in 0.0 } + [0.5, 0.5, 0.5, 1])
  }

  static func models(_ random: inout Random) -> [Definitions.Model] {
    let all: [Definitions.Model] = [
      .distinct(Int.random(in: 2...4, using: &random)), .entropy(Double.random(in: 1.2...3, using: &random)),
      .recursive(Double.random(in: 0.5...4, using: &random), Int.random(in: 2...3, using: &random)),
      .equal(Double.random(in: 0.05...0.6, using: &random)), .ordered(Double.random(in: 0.05...0.4, using: &random)),
      .tree(Double.random(in: 0.05...0.5, using: &random)), .alpha(Double.random(in: 0.3...0.9, using: &random)),
      .beta(Double.random(in: 0.2...2, using: &random)), .enhancedBeta(Double.random(in: 0.2...2, using: &random)),
      .delta(Double.random(in: 0.3...2, using: &random)),
    ]
    return (0..<Int.random(in: 1...2, using: &random)).map { _ in all.randomElement(using: &random)! }
  }
}
