/// Local recoding against a population: classes whose labels never overlap, so that everybody of the population fits one
/// class at most.
///
/// Strict multidimensional recoding (LeFevre, DeWitt, Ramakrishnan 2006) by top-down specialization (Fung, Wang, Yu 2005):
/// a class is a box of groups, one a column, and is cut along one column into the groups of the next finer level, as long
/// as every part keeps what is asked. It starts from the classes of the best levels for all (`GlobalSearch`), which it
/// never does worse than, and from one class of all; whichever ends better is taken. The result is no proven optimum.
package struct StrictSearch {
  let table: QuasiTable
  let k: Int
  /// At most this many records may be suppressed.
  let limit: Int
  let criteria: ClassCriteria
  private let model: LocalModel
  private let share: Double

  package init(_ table: QuasiTable, k: Int, suppress: Double, criteria: ClassCriteria) {
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
  ///
  /// After a release before, its classes that still hold stay as they are, where the rest of the space can be divided
  /// around them; of the divisions found the one is taken that leaves the most people in them.
  package func run(keeping previous: PlanContents? = nil) -> LocalPlan? {
    guard table.peopleCount >= k else { return nil }
    if let previous, let kept = best([one] + (one == nil ? [global] : []), keeping: previous) { return plan(kept) }
    return best([one, global], keeping: nil).map { plan($0) } ?? nil
  }

  private func best(_ starts: [StrictBoxes?], keeping previous: PlanContents?) -> StrictBoxes? {
    var best: StrictBoxes?
    for start in starts {
      guard var start else { continue }
      if let previous { start.keep(previous.present(table)) }
      for choice in Choice.allCases {
        var boxes = start
        boxes.cutAll(choice)
        if best.map({ (-boxes.kept, boxes.cost) < (-$0.kept, $0.cost) }) ?? true { best = boxes }
      }
    }
    return best
  }

  private func plan(_ boxes: StrictBoxes) -> LocalPlan? {
    LocalPlan(
      table, model, classes: boxes.classes, suppressed: boxes.suppressed.sorted(), k: k, floors: boxes.floors)
  }

  /// One class of all.
  private var one: StrictBoxes? {
    StrictBoxes(table, model, k: k, limit: limit, criteria: criteria, start: [(0..<Int32(model.count)).map { $0 }])
  }

  /// The classes of the best levels for all.
  private var global: StrictBoxes? {
    var search = GlobalSearch(table, k: k, suppress: share, criteria: criteria)
    guard case .plan(let plan) = search.run() else { return nil }
    let contents = PlanContents(table, plan, k: k)
    var classes = [[Int32]](repeating: [], count: contents.classCount)
    for (combination, number) in contents.classOf.enumerated() where number >= 0 {
      classes[Int(number)].append(Int32(combination))
    }
    return StrictBoxes(table, model, k: k, limit: limit, criteria: criteria, start: classes)
  }
}
