/// Information loss by column and level: the NCP, also called ILoss (Xu et al. 2006; ARX's "loss").
///
/// The loss of a cell is (leaves below its group - 1) / (D - 1). The loss of a suppressed cell is 1, and that of any
/// cell is 0 if D is 1. The loss of a table is the mean over all records and columns, including suppressed records.
/// Numerators are whole numbers, so sums do not depend on any order.
struct LossModel: Sendable {
  package struct LossColumn: Sendable {
    /// The levels that are worth trying, from fine to coarse: those that partition the leaves differently from the
    /// level below. They are called steps; the whole search counts in steps.
    var levels: [Int] = []
    /// The group of each leaf, and one leaf of each group, by step.
    var groups: [[UInt32]] = []
    var representatives: [[UInt32]] = []
    /// The sum over all records of (leaves below - 1), by step.
    var totals: [Int] = []
    /// D - 1.
    var span = 0
    /// (Leaves below - 1) of each group, and the largest of these numbers, by step.
    var own: [[Int]] = []
    var largest: [Int] = []
    /// `worst[coarse][fine][group]`: the largest (leaves below - 1) at step `fine` among the groups that make up a
    /// group at step `coarse`. It is empty if the table would be too large to be useful.
    var worst: [[[Int]]] = []

    /// Returns an upper bound of the loss at step `fine` of the records in `histogram`, which counts them by group at
    /// step `coarse`.
    func worstLoss(_ histogram: [Int], coarse: Int, fine: Int) -> Int {
      var sum = 0
      if fine == coarse {
        for (records, own) in zip(histogram, own[coarse]) { sum += records * own }
      } else if worst[coarse].isEmpty {
        for (records, own) in zip(histogram, own[coarse]) { sum += records * min(own, largest[fine]) }
      } else {
        for (records, worst) in zip(histogram, worst[coarse][fine]) { sum += records * worst }
      }
      return sum
    }

    /// Returns the tables of the step that was added last, computed from those of the step below it.
    fileprivate func worstOfParts(groupCount: Int, tableLimit: Int) -> [[Int]] {
      let coarse = levels.count - 1
      guard coarse > 0, coarse * groupCount <= tableLimit else { return [] }
      guard coarse == 1 || !worst[coarse - 1].isEmpty else { return [] }
      return (0..<coarse).map { fine in
        var result = [Int](repeating: 0, count: groupCount)
        let parts = fine == coarse - 1 ? own[fine] : worst[coarse - 1][fine]
        for (part, loss) in parts.enumerated() {
          let group = Int(groups[coarse][Int(representatives[coarse - 1][part])])
          result[group] = max(result[group], loss)
        }
        return result
      }
    }
  }
  let columns: [LossColumn]
  /// The weight of each column's loss; 1 on average.
  let weights: [Double]
  private let cells: Double

  /// A level gets no table of worst losses if the table would have more than `tableLimit` numbers. Its bounds are then
  /// looser, which costs time and changes no result.
  init(_ table: QuasiTable, tableLimit: Int = 1 << 22) {
    columns = table.hierarchies.enumerated().map { column, hierarchy in
      var leafRecords = [Int](repeating: 0, count: hierarchy.leafCount)
      for (index, count) in table.records.enumerated() {
        leafRecords[table.layout.code(column, in: table.keys, at: index * table.layout.words)] += count
      }
      return Self.column(hierarchy, leafRecords: leafRecords, tableLimit: tableLimit)
    }
    let sum = table.weights.reduce(0, +)
    weights =
      table.weights.isEmpty
      ? columns.map { _ in 1 } : table.weights.map { $0 / (sum / Double(table.weights.count)) }
    cells = Double(max(1, table.recordCount)) * Double(max(1, columns.count))
  }

  private static func column(_ hierarchy: Hierarchy, leafRecords: [Int], tableLimit: Int) -> LossColumn {
    var column = LossColumn()
    column.span = max(0, hierarchy.leafCount - 1)
    for level in 0...hierarchy.height {
      let count = hierarchy.groupCount(level: level)
      if let last = column.representatives.last, last.count == count { continue }
      let groups = hierarchy.groups(level: level)
      var representatives = [UInt32](repeating: 0, count: count)
      for (leaf, group) in groups.enumerated().reversed() { representatives[Int(group)] = UInt32(leaf) }
      var total = 0
      for (leaf, records) in leafRecords.enumerated() where records > 0 {
        total += records * (hierarchy.leavesBelow(level: level, group: Int(groups[leaf])) - 1)
      }
      column.levels.append(level)
      column.groups.append(groups)
      column.representatives.append(representatives)
      column.totals.append(total)
      let own = (0..<count).map { hierarchy.leavesBelow(level: level, group: $0) - 1 }
      column.own.append(own)
      column.largest.append(own.max() ?? 0)
      column.worst.append(column.worstOfParts(groupCount: count, tableLimit: tableLimit))
    }
    return column
  }

  /// Returns a lower bound of the loss of every level vector from `steps` up to the one that `evaluation` belongs to.
  /// It is exact for the latter. Without an evaluation, no record is known to be suppressed.
  ///
  /// Higher levels only add loss, and a record that is suppressed at the coarse end is suppressed below it too: it
  /// costs 1 per column, and every other record costs at least its loss at `steps`.
  func bound(_ steps: [UInt8], _ evaluation: Evaluation?) -> Double {
    zip(columnLosses(steps, evaluation), weights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Returns the bound for each column, before weights.
  func columnLosses(_ steps: [UInt8], _ evaluation: Evaluation?) -> [Double] {
    columns.indices.map { index in
      let column = columns[index]
      guard column.span > 0 else { return 0 }
      let step = Int(steps[index])
      var numerator = column.totals[step]
      if let evaluation {
        numerator += evaluation.suppressedRecords * column.span - evaluation.suppressedWorst[index][step]
      }
      return Double(numerator) / Double(column.span) / cells
    }
  }
}

/// What is known about a level vector after its classes were counted.
struct Evaluation: Sendable {
  /// The records in classes that have fewer than k people, or that break another model.
  var suppressedRecords: Int
  /// For each column and each step up to the vector's own: an upper bound of the loss of the suppressed records at that
  /// step, as a sum of (leaves below - 1).
  var suppressedWorst: [[Int]]

  /// - Parameter bounds: whether to count only the records that are also suppressed at every vector below this one. For
  ///   k alone that is the same; other models may hold in parts of a class and not in the whole.
  init(
    _ grouping: Grouping, k: Int, criteria: ClassCriteria = ClassCriteria(), bounds: Bool = false, model: LossModel,
    layout: KeyLayout
  ) {
    suppressedRecords = 0
    var histograms = zip(model.columns, grouping.steps).map { column, step in
      [Int](repeating: 0, count: column.representatives[Int(step)].count)
    }
    let people = grouping.people
    for index in people.indices {
      var records = grouping.records[index]
      if people[index] >= k {
        if criteria.isEmpty { continue }
        if bounds {
          records = criteria.unavoidable(index, people: people[index], in: grouping)
        } else if criteria.holds(index, people: people[index], in: grouping) {
          continue
        }
        if records == 0 { continue }
      }
      suppressedRecords += records
      for column in histograms.indices {
        histograms[column][layout.code(column, in: grouping.keys, at: index * layout.words)] += records
      }
    }
    suppressedWorst = histograms.enumerated().map { column, histogram in
      let step = Int(grouping.steps[column])
      return (0...step).map { model.columns[column].worstLoss(histogram, coarse: step, fine: $0) }
    }
  }
}
