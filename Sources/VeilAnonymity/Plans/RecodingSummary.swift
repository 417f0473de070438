package import VeilConfig

/// What a recoding did, for the manifest and the report: figures, no values.
package struct RecodingSummary: Sendable {
  package struct ColumnSummary: Sendable {
    /// The level chosen, where one is for all records; and the top level of the hierarchy.
    package let level: Int?
    package let height: Int
    /// D, the number of leaf values.
    package let leaves: Int
    /// Mean loss of the column's cells, 0 through 1; suppressed cells count 1.
    package let loss: Double
  }
  /// How the classes came about.
  package let recoding: AnonymityConfig.Recoding
  package let k: Int
  package let columns: [ColumnSummary]
  /// Mean loss of all cells, 0 through 1.
  package let loss: Double
  package let records: Int
  /// People: distinct subjects, or records where no subjects are counted.
  package let people: Int
  package let countsSubjects: Bool
  package let suppressedRecords: Int
  /// Equivalence classes published, and the people in the smallest of them.
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
