package import VeilConfig

/// The results of a recoding, for the manifest and the report: figures, no values.
package struct RecodingSummary: Sendable {
  package struct ColumnSummary: Sendable {
    /// The chosen level, if all records have the same one; and the top level of the hierarchy.
    package let level: Int?
    package let height: Int
    /// D, the number of leaf values.
    package let leaves: Int
    /// The mean loss of the column's cells, from 0 through 1; suppressed cells count as 1.
    package let loss: Double
  }
  /// The kind of recoding that made the classes.
  package let recoding: AnonymityConfig.Recoding
  package let k: Int
  package let columns: [ColumnSummary]
  /// The mean loss of all cells, from 0 through 1.
  package let loss: Double
  package let records: Int
  /// The number of people: distinct subjects, or records if subjects are not counted.
  package let people: Int
  package let countsSubjects: Bool
  package let suppressedRecords: Int
  /// The number of published equivalence classes, and the people in the smallest of them.
  package let classes: Int
  package let smallestClass: Int

  init(table: QuasiTable, plan: GlobalPlan, k: Int) {
    self.k = k
    recoding = .global
    columns = zip(zip(table.hierarchies, plan.levels), plan.columnLosses).map { pair, loss in
      ColumnSummary(level: pair.1, height: pair.0.height, leaves: pair.0.leafCount, loss: loss)
    }
    loss = plan.loss
    records = table.recordCount
    people = table.peopleCount
    countsSubjects = table.subjects != nil
    suppressedRecords = plan.suppressedRecords
    classes = plan.classes
    smallestClass = plan.smallestClass
  }

  init(table: QuasiTable, plan: LocalPlan, k: Int) {
    self.k = k
    recoding = .local
    columns = zip(table.hierarchies, plan.columnLosses).map { hierarchy, loss in
      ColumnSummary(level: nil, height: hierarchy.height, leaves: hierarchy.leafCount, loss: loss)
    }
    loss = plan.loss
    records = table.recordCount
    people = table.peopleCount
    countsSubjects = table.subjects != nil
    suppressedRecords = plan.suppressedRecords
    classes = plan.classes
    smallestClass = plan.smallestClass
  }
}
