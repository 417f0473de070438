/// Local recoding against a population: the labels of classes never overlap, so that everybody in the population fits
/// at most one class.
///
/// It is strict multidimensional recoding (LeFevre, DeWitt, Ramakrishnan 2006) by top-down specialization (Fung, Wang,
/// Yu 2005). A class is a box of groups, one per column. It is cut along one column into the groups of the next finer
/// level, as long as every part meets the conditions. The search starts once from the classes of the best levels for
/// all (`GlobalSearch`), so it is never worse than they are, and once from one class of all; the better result is
/// taken. The result is not proven to be optimal.
package struct StrictSearch {
  let table: QuasiTable
  let k: Int
  /// The largest number of records that may be suppressed.
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

  /// The measure by which a cut is chosen: the loss that it saves, or that loss per bit which the parts reveal.
  enum Choice: CaseIterable { case saved, savedPerBit }

  /// Returns nil if neither start meets the conditions.
  ///
  /// After a previous release, its classes that still hold stay unchanged, if the rest of the space can be divided
  /// around them. Of the divisions that are found, it takes the one that keeps the most people in such classes.
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

  /// The start with one class of all.
  private var one: StrictBoxes? {
    StrictBoxes(table, model, k: k, limit: limit, criteria: criteria, start: [(0..<Int32(model.count)).map { $0 }])
  }

  /// The start with the classes of the best levels for all.
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
