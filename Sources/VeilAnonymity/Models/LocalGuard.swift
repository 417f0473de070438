package import VeilConfig
import VeilGround

/// Local recoding with models other than k.
///
/// It starts from classes that are good for k alone, or for a larger k. It joins each class that does not hold with the
/// cheapest other one until all hold. Then it moves and exchanges combinations while that lowers the loss and every
/// class still holds. The result is not proven to be optimal. In the worst case joining ends in one class of all; if
/// even that one does not hold, there is no plan.
///
/// After a previous release, its classes that still hold stay unchanged, and the members of a class that breaks a model
/// stay together: these classes and the other combinations are decided among themselves. If that is not possible, they
/// join classes that would have stayed.
package struct LocalGuard {
  let table: QuasiTable
  let k: Int
  let limit: Int
  let criteria: ClassCriteria
  let effort: AnonymityConfig.Effort
  let labels: AnonymityConfig.Labels
  private let model: LocalModel

  package init(
    _ table: QuasiTable, k: Int, suppress: Double, criteria: ClassCriteria,
    effort: AnonymityConfig.Effort = .normal, labels: AnonymityConfig.Labels = .hierarchy
  ) {
    self.labels = labels
    self.table = table
    self.k = max(1, k)
    limit = GlobalSearch.limit(share: suppress, records: table.recordCount)
    self.criteria = criteria
    self.effort = effort
    model = LocalModel(table)
  }

  private struct Attempt {
    var classes: GuardedClasses
    var suppressed: [Int32]
    var cost: Int
  }

  /// The input of a decision.
  private struct Start {
    /// Combinations that stay together; the first `holding` groups are known to hold.
    var atoms: [[Int32]] = []
    var holding = 0
    var loose: [Int32]
  }

  /// The result of a decision: classes that hold, counted exactly.
  private struct Decided {
    var classes: [[Int32]]
    var suppressed: [Int32]
  }

  /// Returns nil if even one class of all does not hold, or if the previous release has no class to keep.
  package func run(threads: Int = 1, keeping previous: PreviousClasses? = nil) -> LocalPlan? {
    guard table.peopleCount >= k, !table.records.isEmpty else { return nil }
    if let previous {
      if previous.classes.isEmpty && previous.broken.isEmpty { return nil }
      return previous.decide({ rest($0, threads) }, joined: { joined($0, threads) })
    }
    guard let found = decided(Start(loose: (0..<Int32(model.count)).map { $0 }), threads) else { return nil }
    return LocalPlan(
      table, model, classes: found.classes, suppressed: found.suppressed.sorted(), k: k, labels: labels)
  }

  private func rest(_ previous: PreviousClasses, _ threads: Int) -> (plan: LocalPlan, classes: [[Int32]])? {
    var found = Decided(classes: [], suppressed: [])
    if !previous.broken.isEmpty || !previous.loose.isEmpty {
      guard let rest = decided(Start(atoms: previous.broken.map(\.members), loose: previous.loose), threads) else {
        return nil
      }
      found = rest
    }
    let all = Decided(classes: previous.classes.map(\.members) + found.classes, suppressed: found.suppressed)
    return plan(previous, all).map { ($0, found.classes) }
  }

  private func joined(_ previous: PreviousClasses, _ threads: Int) -> LocalPlan? {
    let atoms = (previous.classes + previous.broken).map(\.members)
    let start = Start(atoms: atoms, holding: previous.classes.count, loose: previous.loose)
    return decided(start, threads).flatMap { plan(previous, $0) }
  }

  private func plan(_ previous: PreviousClasses, _ found: Decided) -> LocalPlan? {
    LocalPlan(
      table, model, classes: found.classes, suppressed: found.suppressed.sorted(), k: k,
      floors: previous.floors(found.classes))
  }

  /// Returns nil if even one class of everything that is to be decided does not hold.
  private func decided(_ start: Start, _ threads: Int) -> Decided? {
    let columns = table.sensitive.map(\.cells)
    let loose = model.restricted(to: start.loose)
    let people = loose.people.reduce(0, +)
    var best: Attempt?
    var size = k
    var worse = 0
    // The result of joining is hard to predict. Better initial classes may give a worse result, and larger ones may
    // give a good result after several that did not. So several are tried.
    let efforts: [AnonymityConfig.Effort] = effort == .max ? [.fast, .normal] : [.fast]
    let patience = effort == .fast ? 2 : effort == .normal ? 5 : .max
    repeat {
      let attempts = efforts.compactMap {
        attempt(start, loose: size <= people ? loose : nil, size: size, columns: columns, effort: $0, threads: threads)
      }
      if let attempt = attempts.min(by: { $0.cost < $1.cost }), attempt.cost < best?.cost ?? .max {
        best = attempt
        worse = 0
      } else if !attempts.isEmpty {
        worse += 1
      }
      size = effort == .max ? max(size + 1, size + size / 2) : 2 * size
    } while worse < patience && size <= people && size <= k << 24
    guard var found = best ?? attemptOne(start, columns) else { return nil }
    var isFixed = [Bool](repeating: false, count: model.count)
    for atom in start.atoms { for member in atom { isFixed[Int(member)] = true } }
    if !start.loose.isEmpty { refine(&found, isFixed) }
    return exact(found)
  }

  /// Tries a decision that starts from classes of at least `size` people or, without `loose`, of one combination each.
  ///
  /// - Parameter loose: the model of the loose combinations, if they are enough people for a class.
  private func attempt(
    _ start: Start, loose: LocalModel?, size: Int, columns: [SensitiveCells], effort: AnonymityConfig.Effort,
    threads: Int
  ) -> Attempt? {
    var classes = start.atoms
    if let loose {
      let work = SearchWork(effort, combinations: loose.count, k: size)
      let blocks = LocalBlocks.split(loose, k: size, target: work.block)
      let solved = WorkerThread.map(blocks.count, threads: threads) { number in
        let block = blocks[number]
        return BlockSearch(loose.restricted(to: block), k: size, work: work).run().map {
          $0.map { start.loose[Int(block[Int($0)])] }
        }
      }
      classes += solved.flatMap { $0 }
    } else {
      classes += start.loose.map { [$0] }
    }
    return repaired(
      GuardedClasses(ClassSet(model, k: k, classes: classes), criteria: criteria, columns: columns),
      holding: start.holding)
  }

  private func attemptOne(_ start: Start, _ columns: [SensitiveCells]) -> Attempt? {
    let set = ClassSet(model, k: k, classes: [start.atoms.flatMap { $0 } + start.loose])
    return repaired(GuardedClasses(set, criteria: criteria, columns: columns))
  }

  // MARK: Repair

  /// The number of the cheapest partners for which the union is checked.
  private static let asked = 24

  /// Joins each class that does not hold with another one, or suppresses it if that costs less and is allowed. Returns
  /// nil if the last class left does not hold. The first `holding` classes are known to hold, even if their estimate
  /// differs.
  private func repaired(_ start: GuardedClasses, holding: Int = 0) -> Attempt? {
    var classes = start
    let everything = model.everything
    var suppressed: [Int32] = []
    var left = limit
    var lost = 0
    var open = classes.core.members.indices.dropFirst(holding).filter {
      !classes.core.members[$0].isEmpty && !classes.holds($0)
    }
    open.sort { (classes.core.records[$0], $0) > (classes.core.records[$1], $1) }
    while let number = open.popLast() {
      if classes.core.members[number].isEmpty || classes.holds(number) { continue }
      let records = classes.core.records[number]
      let partner = partner(of: number, classes)
      let price = everything * records - classes.core.cost(number)
      if records <= left, records < table.recordCount, partner.map({ $0.increase > price }) ?? true {
        left -= records
        lost += everything * records
        suppressed += classes.remove(number)
        continue
      }
      guard let partner else { return nil }
      classes.join(partner.number, number)
      if !classes.holds(partner.number) { open.append(partner.number) }
    }
    if classes.core.members.allSatisfy(\.isEmpty) { return nil }
    return Attempt(classes: classes, suppressed: suppressed, cost: classes.core.total + lost)
  }

  private func partner(of number: Int, _ classes: GuardedClasses) -> (number: Int, increase: Int)? {
    var nearest: [(increase: Int, number: Int)] = []
    for other in classes.core.members.indices where other != number && !classes.core.members[other].isEmpty {
      let increase = classes.increase(joining: number, other)
      if nearest.count == Self.asked, let last = nearest.last, last.increase <= increase { continue }
      nearest.insert((increase, other), at: nearest.firstIndex { $0.increase > increase } ?? nearest.count)
      if nearest.count > Self.asked { nearest.removeLast() }
    }
    let best = nearest.first { classes.hold($0.number, number) } ?? nearest.first
    return best.map { ($0.number, $0.increase) }
  }

  // MARK: Exchange

  /// Moves and exchanges combinations. `isFixed` marks those that stay where they are.
  private func refine(_ attempt: inout Attempt, _ isFixed: [Bool]) {
    let near = Neighbours(model)
    let passes = effort == .fast ? 1 : effort == .normal ? 4 : 12
    for _ in 0..<passes {
      var gained = 0
      for combination in 0..<Int32(model.count)
      where !isFixed[Int(combination)] && attempt.classes.core.classOf[Int(combination)] >= 0 {
        if attempt.classes.core.members[Int(attempt.classes.core.classOf[Int(combination)])].isEmpty { continue }
        gained += improve(combination, near: near, isFixed: isFixed, classes: &attempt.classes)
      }
      attempt.cost -= gained
      if gained == 0 { break }
    }
  }

  /// Members of larger classes are not exchanged one by one: it takes long and gains little.
  private static let exchangeable = 40

  private func improve(
    _ combination: Int32, near: Neighbours, isFixed: [Bool], classes: inout GuardedClasses
  ) -> Int {
    let set = classes.core
    let own = Int(set.classOf[Int(combination)])
    var others: [Int] = []
    for other in near.of(combination) {
      let number = Int(set.classOf[Int(other)])
      if number >= 0, number != own, !set.members[number].isEmpty, !others.contains(number) { others.append(number) }
    }
    if others.isEmpty { return 0 }
    let records = model.records[Int(combination)]
    let isAlone = set.members[own].count == 1
    if isAlone || classes.holds(own, without: combination, with: nil) {
      let rest = isAlone ? 0 : set.unit(own, without: combination) * (set.records[own] - records)
      let relief = set.cost(own) - rest
      var best = 0
      var target: Int?
      for other in others where set.unit[other] * records < relief {
        let gain = relief - set.increase(other, adding: combination)
        if gain > best, classes.holds(other, without: nil, with: combination) { (best, target) = (gain, other) }
      }
      guard let target else { return 0 }
      classes.take(combination, from: own)
      classes.put(combination, into: target)
      return best
    }
    guard set.members[own].count <= Self.exchangeable else { return 0 }
    var best = 0
    var partner: Int32?
    for other in others where set.members[other].count <= Self.exchangeable {
      for candidate in set.members[other] where !isFixed[Int(candidate)] {
        let change = model.records[Int(candidate)] - records
        let both = set.cost(own) + set.cost(other)
        let here = set.unit(own, without: combination, adding: candidate) * (set.records[own] + change)
        if both - here <= best { continue }
        let there = set.unit(other, without: candidate, adding: combination) * (set.records[other] - change)
        guard both - here - there > best, classes.holds(own, without: combination, with: candidate),
          classes.holds(other, without: candidate, with: combination)
        else { continue }
        (best, partner) = (both - here - there, candidate)
      }
    }
    guard let partner else { return 0 }
    let other = Int(set.classOf[Int(partner)])
    classes.take(combination, from: own)
    classes.take(partner, from: other)
    classes.put(partner, into: own)
    classes.put(combination, into: other)
    return best
  }

  // MARK: Exact counting

  /// Counts people exactly, and joins classes until all hold.
  private func exact(_ attempt: Attempt) -> Decided? {
    var set = attempt.classes.core
    while true {
      let members = set.members.filter { !$0.isEmpty }
      guard !members.isEmpty else { return nil }
      let failing = failing(members)
      if failing.isEmpty { return Decided(classes: members, suppressed: attempt.suppressed) }
      guard members.count > 1 else { return nil }
      set = ClassSet(model, k: k, classes: members)
      for number in failing where !set.members[number].isEmpty {
        let others = set.members.indices.filter { $0 != number && !set.members[$0].isEmpty }
        func increase(_ other: Int) -> Int {
          set.unit(number, joining: other) * (set.records[number] + set.records[other]) - set.cost(other)
        }
        guard let partner = others.min(by: { (increase($0), $0) < (increase($1), $1) }) else { break }
        let gone = set.members[number]
        set.replace(number, with: [])
        set.replace(partner, with: set.members[partner] + gone)
      }
    }
  }

  /// Returns the classes that do not hold.
  private func failing(_ members: [[Int32]]) -> [Int] {
    var classOf = [UInt32](repeating: UInt32(members.count), count: model.count)
    for (number, own) in members.enumerated() {
      for combination in own { classOf[Int(combination)] = UInt32(number) }
    }
    var people = [Int](repeating: 0, count: members.count + 1)
    if let subjects = table.subjects {
      people = subjects.joined(classOf, classCount: members.count + 1).people
    } else {
      for (number, records) in zip(classOf, table.records) { people[Int(number)] += records }
    }
    let cells = table.sensitive.map { $0.cells.joined(classOf, classCount: members.count) }
    return members.indices.filter { people[$0] < k || !criteria.holds($0, people: people[$0], in: cells) }
  }
}
