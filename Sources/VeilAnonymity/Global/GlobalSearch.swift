/// Finds the level vector of least loss for full-domain generalization with suppression.
///
/// k-anonymity (Samarati 2001; Sweeney 2002): every record published shares its quasi-identifiers with those of at
/// least k people, itself included. It promises that nobody is singled out by the quasi-identifiers alone. It does not
/// promise that a sensitive value stays unknown (all k people may have the same), nor does it hold against other
/// knowledge, or against several releases of the same people taken together.
///
/// As in Incognito (LeFevre, DeWitt, Ramakrishnan 2005) and Flash (Kohlmayer, Prasser et al. 2012), every column gets
/// one level, and the level vectors form a lattice in which suppression only falls on the way up. Loss from levels, in
/// turn, only rises. So in a range of vectors between a fine corner and a coarse corner no vector loses less than the
/// levels of the fine corner and the suppression of the coarse corner, and none is feasible when the coarse corner is
/// not. The search is a best-first branch and bound over such ranges: it counts classes at coarse corners only, splits
/// the range of least bound, and ends when no bound is below the best vector found. The result is the optimum over all
/// vectors; ties go to the lexicographically smallest.
///
/// Other models than k may hold in the parts of a class and not in the whole, so that suppression may rise on the way
/// up. The bound then counts only those records of a coarse class that no division of it can save
/// (`SensitiveCriterion.keepable`), and every vector that may be best is judged by itself.
package struct GlobalSearch {
  let table: QuasiTable
  let k: Int
  /// The largest number of records that may be suppressed.
  let limit: Int
  let criteria: ClassCriteria
  /// For each column, the lowest level that is allowed: the level of the previous release. Empty if there is none.
  package var floor: [Int] = []

  private let model: LossModel
  private var cache: GroupingCache
  private var heap = LevelRangeHeap()
  private var best: (loss: Double, steps: [UInt8])?
  private var evaluations: [Evaluation] = []
  private var evaluationOf: [[UInt8]: Int] = [:]
  /// The coarsest vectors that are known to suppress too much. All vectors below them do too.
  private var infeasible: [[UInt8]] = []

  /// Losses that differ by less than this are equal, so that rounding does not decide.
  private static let tolerance = 1e-12

  /// `suppress` is the share of records that may be suppressed, 0 through 1.
  package init(_ table: QuasiTable, k: Int, suppress: Double, criteria: ClassCriteria = ClassCriteria()) {
    self.init(table, k: k, suppress: suppress, criteria: criteria, model: LossModel(table))
  }

  init(
    _ table: QuasiTable, k: Int, suppress: Double, criteria: ClassCriteria = ClassCriteria(), model: LossModel
  ) {
    self.criteria = criteria
    self.table = table
    self.k = max(1, k)
    limit = Self.limit(share: suppress, records: table.recordCount)
    self.model = model
    cache = GroupingCache(Grouping(table))
  }

  /// The number of keys that were joined in all, as a measure of the work.
  var keysJoined: Int { cache.keysJoined }

  /// Returns the largest number of records that is not more than `share` of all. A share is a decimal: 29 % of 100 is
  /// 29.
  static func limit(share: Double, records: Int) -> Int {
    guard share > 0 else { return 0 }
    return share >= 1 ? records : min(records, Int((share * Double(records) + 1e-9).rounded(.down)))
  }

  /// Returns the plan of least loss. Returns `unmet` if there are fewer than k people: with k or more, the top of the
  /// lattice, one class of all, is feasible without suppression. Suppressing everything is never a plan.
  package mutating func run() -> GlobalResult {
    let people = table.peopleCount
    guard people >= k else { return .unmet(UnmetHint(people: people, records: table.recordCount, k: k)) }

    // The step that divides the leaves as the floor's level does is the last one that is not above that level.
    let bottom = model.columns.enumerated().map { index, column in
      UInt8(floor.isEmpty ? 0 : column.levels.lastIndex { $0 <= floor[index] } ?? 0)
    }
    let top = model.columns.map { UInt8($0.levels.count - 1) }
    heap.push(LevelRange(bound: model.bound(bottom, nil), lower: bottom, upper: top, evaluation: nil))
    while let range = heap.pop(), canImprove(range) || range.bound <= (best?.loss ?? 2) + Self.tolerance {
      guard canImprove(range) else { continue }
      if let evaluation = range.evaluation {
        split(range, evaluation)
      } else if let evaluation = evaluate(range.upper) {
        if let exact = exact(range.upper, evaluations[evaluation]) { offer(range.upper, exact) }
        push(from: range.lower, to: range.upper, evaluation: evaluation)
      }
    }
    guard let best else { return .unmet(UnmetHint(people: people, records: table.recordCount, k: k)) }
    return .plan(plan(best.steps))
  }

  /// Whether the range may hold something better than the best, or as good and lexicographically smaller.
  private func canImprove(_ range: LevelRange) -> Bool {
    guard let best else { return true }
    if range.bound < best.loss - Self.tolerance { return true }
    return range.bound <= best.loss + Self.tolerance && range.lower.lexicographicallyPrecedes(best.steps)
  }

  private mutating func offer(_ steps: [UInt8], _ evaluation: Evaluation) {
    let loss = model.bound(steps, evaluation)
    if let best, loss > best.loss - Self.tolerance {
      guard loss <= best.loss + Self.tolerance, steps.lexicographicallyPrecedes(best.steps) else { return }
    }
    best = (loss, steps)
  }

  /// The coarse corner is evaluated; a range of one vector is settled by that.
  private mutating func push(from lower: [UInt8], to upper: [UInt8], evaluation: Int) {
    if lower == upper { return }
    let bound = model.bound(lower, evaluations[evaluation])
    let range = LevelRange(bound: bound, lower: lower, upper: upper, evaluation: evaluation)
    if canImprove(range) { heap.push(range) }
  }

  /// Splits a box on the column whose levels differ most in loss, between its coarsest level and the rest.
  private mutating func split(_ range: LevelRange, _ evaluation: Int) {
    let fine = model.columnLosses(range.lower, evaluations[evaluation])
    let coarse = model.columnLosses(range.upper, evaluations[evaluation])
    var widest = -1
    var most = -1.0
    for column in fine.indices where range.lower[column] < range.upper[column] {
      let width = (coarse[column] - fine[column]) * model.weights[column]
      if width > most { (widest, most) = (column, width) }
    }
    let cut = range.upper[widest]
    var lower = range.lower
    lower[widest] = cut
    push(from: lower, to: range.upper, evaluation: evaluation)
    var upper = range.upper
    upper[widest] = cut - 1
    // Its own corner is counted only when its turn comes; until then the bound of this range holds.
    heap.push(LevelRange(bound: range.bound, lower: range.lower, upper: upper, evaluation: nil))
  }

  /// Counts the classes of a vector. Returns nil if the vector suppresses more than is allowed, or everything.
  private mutating func evaluate(_ steps: [UInt8]) -> Int? {
    if let known = evaluationOf[steps] { return known }
    if infeasible.contains(where: { zip(steps, $0).allSatisfy { $0 <= $1 } }) { return nil }
    let grouping = cache.grouping(at: steps, model: model, layout: table.layout)
    let evaluation = Evaluation(
      grouping, k: k, criteria: criteria, bounds: true, model: model, layout: table.layout)
    guard evaluation.suppressedRecords <= limit, evaluation.suppressedRecords < table.recordCount else {
      infeasible.removeAll { zip($0, steps).allSatisfy { $0 <= $1 } }
      infeasible.append(steps)
      return nil
    }
    evaluations.append(evaluation)
    evaluationOf[steps] = evaluations.count - 1
    return evaluations.count - 1
  }

  /// Returns what the vector itself suppresses; nil if that is too much. `bounds` is what every vector below it also
  /// suppresses.
  private mutating func exact(_ steps: [UInt8], _ bounds: Evaluation) -> Evaluation? {
    if criteria.isEmpty { return bounds }
    let grouping = cache.grouping(at: steps, model: model, layout: table.layout)
    let exact = Evaluation(grouping, k: k, criteria: criteria, model: model, layout: table.layout)
    guard exact.suppressedRecords <= limit, exact.suppressedRecords < table.recordCount else { return nil }
    if !criteria.accepts(grouping, k: k) { return nil }
    return exact
  }

  private mutating func plan(_ steps: [UInt8]) -> GlobalPlan {
    let grouping = cache.grouping(at: steps, model: model, layout: table.layout)
    let evaluation = Evaluation(grouping, k: k, criteria: criteria, model: model, layout: table.layout)
    let people = grouping.people
    var kept = ByteStringTable(minimumCapacity: grouping.count)
    var smallest = Int.max
    for index in people.indices
    where people[index] >= k && criteria.holds(index, people: people[index], in: grouping) {
      smallest = min(smallest, people[index])
      let groups = model.columns.indices.map {
        UInt32(table.layout.code($0, in: grouping.keys, at: index * table.layout.words))
      }
      _ = unsafe groups.withUnsafeBytes { unsafe kept.insert($0) }
    }
    let losses = model.columnLosses(steps, evaluation)
    return GlobalPlan(
      levels: zip(model.columns, steps).enumerated().map { index, pair in
        max(pair.0.levels[Int(pair.1)], floor.isEmpty ? 0 : floor[index])
      },
      columnLosses: losses.map { $0 * Double(model.columns.count) },
      loss: losses.reduce(0, +), suppressedRecords: evaluation.suppressedRecords,
      records: table.recordCount, smallestClass: smallest, groupingsCounted: cache.counted, kept: kept)
  }
}
