import Glibc

/// Local recoding against a population: classes whose labels never overlap, so that everybody of the population fits one
/// class at most.
///
/// Strict multidimensional recoding (LeFevre, DeWitt, Ramakrishnan 2006) by top-down specialization (Fung, Wang, Yu 2005):
/// a class is a box of groups, one a column, and is cut along one column into the groups of the next finer level, as long
/// as every part keeps what is asked. It starts from the classes of the best levels for all (`GlobalSearch`), which it
/// never does worse than, and from one class of all; whichever ends better is taken. The result is no proven optimum.
struct StrictSearch {
  let table: QuasiTable
  let k: Int
  /// At most this many records may be suppressed.
  let limit: Int
  let criteria: ClassCriteria
  private let model: LocalModel
  private let share: Double

  init(_ table: QuasiTable, k: Int, suppress: Double, criteria: ClassCriteria) {
    self.table = table
    self.k = max(1, k)
    limit = GlobalSearch.limit(share: suppress, records: table.recordCount)
    share = suppress
    self.criteria = criteria
    model = LocalModel(table)
  }

  /// What a cut is chosen by: the loss that it saves, or that for each bit which the parts tell.
  enum Choice: CaseIterable { case saved, savedPerBit }

  /// Nil where neither start keeps what is asked.
  func run() -> LocalPlan? {
    guard table.peopleCount >= k else { return nil }
    var best: Boxes?
    for start in starts() {
      for choice in Choice.allCases {
        var boxes = start
        boxes.cutAll(choice)
        if best.map({ boxes.cost < $0.cost }) ?? true { best = boxes }
      }
    }
    return best.flatMap { best in
      LocalPlan(
        table, model, classes: best.classes, suppressed: best.suppressed.sorted(), k: k)
    }
  }

  private func starts() -> [Boxes] {
    var starts: [Boxes] = []
    let one = Boxes(table, model, k: k, limit: limit, criteria, [(0..<Int32(model.count)).map { $0 }])
    if let one { starts.append(one) }
    var search = GlobalSearch(table, k: k, suppress: share, criteria: criteria)
    guard case .plan(let plan) = search.run() else { return starts }
    let contents = PlanContents(table, plan, k: k)
    var classes = [[Int32]](repeating: [], count: contents.classCount)
    for (combination, number) in contents.classOf.enumerated() where number >= 0 {
      classes[Int(number)].append(Int32(combination))
    }
    if let global = Boxes(table, model, k: k, limit: limit, criteria, classes) { starts.append(global) }
    return starts
  }
}

/// Disjoint boxes that all keep what is asked, while they are being cut.
private struct Boxes {
  private(set) var classes: [[Int32]] = []
  private(set) var suppressed: [Int32] = []
  /// What all records lose, in the model's units.
  private(set) var cost = 0
  private let model: LocalModel
  private let k: Int
  private let criteria: ClassCriteria
  private var counter: BoxCounter
  private var open: [Box] = []
  private var left: Int
  /// Of all classes: people, and the sum of people by people of the population alike.
  private var classCount = 0
  private var people = 0
  private var alike = 0.0

  private struct Box {
    var members: [Int32]
    var counts: BoxCounter.Counts
    /// The finest step of each column at which all members are one.
    var steps: [Int]
    var cost: Int
  }

  /// Nil where a class does not keep what is asked, or too much is in none.
  init?(
    _ table: QuasiTable, _ model: LocalModel, k: Int, limit: Int, _ criteria: ClassCriteria, _ start: [[Int32]]
  ) {
    (self.model, self.k, self.criteria, left) = (model, k, criteria, limit)
    counter = BoxCounter(table)
    var isInside = [Bool](repeating: false, count: model.count)
    for members in start {
      let box = box(members)
      guard holds(box) else { return nil }
      for member in members { isInside[Int(member)] = true }
      open.append(box)
      count(box, 1)
      cost += box.cost
    }
    for combination in 0..<Int32(model.count) where !isInside[Int(combination)] {
      suppress([combination])
    }
    guard left >= 0, !open.isEmpty, keepsMeans, !tellsOfAbsence || isInside.allSatisfy({ $0 }) else { return nil }
  }

  /// Whether nobody of the population may be known to be in no class.
  private var tellsOfAbsence: Bool { criteria.presence.map { $0.lowerBound > 0 } ?? false }

  private mutating func box(_ members: [Int32]) -> Box {
    let counts = counter.counts(members)
    let steps = steps(members)
    return Box(members: members, counts: counts, steps: steps, cost: unit(members[0], steps) * counts.records)
  }

  private func steps(_ members: [Int32]) -> [Int] {
    (0..<model.width).map { column in
      var (low, high) = (UInt32.max, UInt32(0))
      for member in members {
        let place = model.places[Int(member) &* model.width &+ column]
        (low, high) = (min(low, place), max(high, place))
      }
      return model.step(column, low, high)
    }
  }

  private func group(_ member: Int32, _ column: Int, _ step: Int) -> UInt32 {
    model.columns[column].groups[step][Int(model.places[Int(member) &* model.width &+ column])]
  }

  private func unit(_ member: Int32, _ steps: [Int]) -> Int {
    steps.indices.reduce(0) { sum, column in
      let place = model.places[Int(member) &* model.width &+ column]
      return sum + Int(model.columns[column].losses[steps[column]][Int(place)])
    }
  }

  private func holds(_ box: Box) -> Bool {
    box.counts.people >= k && criteria.fits(box.counts.people, of: box.counts.population)
      && criteria.items.allSatisfy {
        $0.criterion.holds(box.counts.values[$0.column].view(people: box.counts.people))
      }
  }

  // MARK: What all have in common

  private mutating func count(_ box: Box, _ sign: Int) {
    classCount += sign
    people += sign * box.counts.people
    alike += Double(sign * box.counts.people) / Double(max(1, box.counts.population))
  }

  private var keepsMeans: Bool {
    if let risk = criteria.averageRisk, Double(classCount) > (risk + ModelTolerance.value) * Double(people) {
      return false
    }
    if let risk = criteria.marketerRisk, alike > risk * Double(people) { return false }
    return true
  }

  private mutating func suppress(_ members: [Int32]) {
    for member in members where model.records[Int(member)] > 0 {
      suppressed.append(member)
      left -= model.records[Int(member)]
      cost += model.everything * model.records[Int(member)]
    }
  }

  // MARK: Cutting

  mutating func cutAll(_ choice: StrictSearch.Choice) {
    while let box = open.popLast() {
      if !cut(box, choice) { classes.append(trimmed(box).members) }
    }
  }

  /// What becomes of a box that is cut: parts that hold, and records that are suppressed.
  private struct Cut {
    var parts: [Box] = []
    var suppressed: [Int32] = []
    var saved = 0
    var score = 0.0
  }

  private mutating func cut(_ box: Box, _ choice: StrictSearch.Choice) -> Bool {
    var cuts: [Cut] = []
    for column in box.steps.indices where box.steps[column] > 0 {
      if let cut = parts(of: box, column, choice) { cuts.append(cut) }
    }
    // The first of equals, so that the same table is always cut the same way.
    cuts = cuts.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
    let before = (classCount, people, alike)
    for best in cuts {
      count(box, -1)
      for part in best.parts { count(part, 1) }
      guard keepsMeans else {
        (classCount, people, alike) = before
        continue
      }
      cost -= box.cost - best.parts.reduce(0) { $0 + $1.cost }
      suppress(best.suppressed)
      open.append(contentsOf: best.parts)
      return true
    }
    return false
  }

  /// Cuts along one column; nil where a part would not hold and may not be suppressed, or nothing is saved.
  private mutating func parts(of box: Box, _ column: Int, _ choice: StrictSearch.Choice) -> Cut? {
    var members: [UInt32: [Int32]] = [:]
    for member in box.members { members[group(member, column, box.steps[column] - 1), default: []].append(member) }
    var cut = Cut(saved: box.cost)
    var lost = 0
    var bits = 0.0
    for (_, own) in members.sorted(by: { $0.key < $1.key }) {
      let part = self.box(own)
      if part.counts.records == 0 {
        // People of the population of whom none is in the data: in no class.
        if tellsOfAbsence { return nil }
        continue
      }
      let share = Double(part.counts.records) / Double(max(1, box.counts.records))
      bits -= share * log2(share)
      if holds(part) {
        cut.parts.append(part)
        cut.saved -= part.cost
      } else {
        lost += part.counts.records
        if tellsOfAbsence || lost > left { return nil }
        cut.suppressed += own
        cut.saved -= model.everything * part.counts.records
      }
    }
    guard cut.saved > 0, !cut.parts.isEmpty else { return nil }
    cut.score = choice == .saved ? Double(cut.saved) : Double(cut.saved) / max(bits, 1e-6)
    return cut
  }

  /// The box without those of the population whom a finer label would leave out, where it holds all the same.
  private mutating func trimmed(_ box: Box) -> Box {
    let own = box.members.filter { model.records[Int($0)] > 0 }
    if tellsOfAbsence || own.count == box.members.count { return box }
    let steps = steps(own)
    let inside = box.members.filter { member in
      steps.indices.allSatisfy { group(member, $0, steps[$0]) == group(own[0], $0, steps[$0]) }
    }
    let less = self.box(inside)
    guard less.cost < box.cost, holds(less) else { return box }
    let before = (classCount, people, alike)
    count(box, -1)
    count(less, 1)
    guard keepsMeans else {
      (classCount, people, alike) = before
      return box
    }
    cost -= box.cost - less.cost
    return less
  }
}
