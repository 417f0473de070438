/// Information loss by column and level: the NCP, also called ILoss (Xu et al. 2006; ARX's "loss").
///
/// The loss of a cell is (leaves below its group - 1) / (D - 1), that of a suppressed cell 1, and that of any cell 0
/// where D is 1. The loss of a table is the mean over all records and columns, suppressed records included.
/// Numerators are whole numbers, so sums do not depend on any order.
struct LossModel: Sendable {
  struct Column: Sendable {
    /// The levels worth trying, from fine to coarse: those that partition the leaves differently from the one below.
    /// They are called steps; everything in the search counts in steps.
    var levels: [Int] = []
    /// The group of each leaf, and a leaf of each group, by step.
    var groups: [[UInt32]] = []
    var representatives: [[UInt32]] = []
    /// Sum over all records of (leaves below - 1), by step.
    var totals: [Int] = []
    /// D - 1.
    var span = 0
    /// `worst[coarse][fine][group]`: the largest (leaves below - 1) at step `fine` among the observed leaves of a
    /// group at step `coarse`. At `fine == coarse` this is the group's own.
    var worst: [[[Int]]] = []
  }
  let columns: [Column]
  private let cells: Double

  init(_ table: QuasiTable) {
    columns = table.hierarchies.enumerated().map { column, hierarchy in
      var leafRecords = [Int](repeating: 0, count: hierarchy.leafCount)
      for (index, count) in table.records.enumerated() {
        leafRecords[table.layout.code(column, in: table.keys, at: index * table.layout.words)] += count
      }
      return Self.column(hierarchy, leafRecords: leafRecords)
    }
    cells = Double(max(1, table.recordCount)) * Double(max(1, columns.count))
  }

  private static func column(_ hierarchy: Hierarchy, leafRecords: [Int]) -> Column {
    var column = Column()
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
      column.worst.append(
        column.levels.enumerated().map { fine, fineLevel in
          var worst = [Int](repeating: 0, count: count)
          for (leaf, records) in leafRecords.enumerated() where records > 0 {
            let own = hierarchy.leavesBelow(level: fineLevel, group: Int(column.groups[fine][leaf])) - 1
            worst[Int(groups[leaf])] = max(worst[Int(groups[leaf])], own)
          }
          return worst
        })
    }
    return column
  }

  /// A lower bound of the loss of every level vector from `steps` up to the one that `evaluation` belongs to; exact
  /// for the latter. Without an evaluation nothing is known to be suppressed.
  ///
  /// Levels only lose by rising, and a record suppressed at the coarse end is suppressed below it too: it costs 1 a
  /// column, every other record at least what it costs at `steps`.
  func bound(_ steps: [UInt8], _ evaluation: Evaluation?) -> Double {
    columnLosses(steps, evaluation).reduce(0, +)
  }

  /// `bound` by column; the columns sum up to it.
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

/// What is known of a level vector after its classes were counted.
struct Evaluation: Sendable {
  /// Records in classes of fewer than k people.
  var suppressedRecords: Int
  /// For each column and each step up to the vector's own: at most what the suppressed records would lose at that
  /// step, as a sum of (leaves below - 1).
  var suppressedWorst: [[Int]]

  init(_ grouping: Grouping, k: Int, model: LossModel, layout: KeyLayout) {
    suppressedRecords = 0
    var histograms = zip(model.columns, grouping.steps).map { column, step in
      [Int](repeating: 0, count: column.representatives[Int(step)].count)
    }
    let people = grouping.people
    for index in people.indices where people[index] < k {
      let records = grouping.records[index]
      suppressedRecords += records
      for column in histograms.indices {
        histograms[column][layout.code(column, in: grouping.keys, at: index * layout.words)] += records
      }
    }
    suppressedWorst = zip(zip(model.columns, grouping.steps), histograms).map { pair, histogram in
      pair.0.worst[Int(pair.1)].map { worst in zip(histogram, worst).reduce(0) { $0 + $1.0 * $1.1 } }
    }
  }
}
