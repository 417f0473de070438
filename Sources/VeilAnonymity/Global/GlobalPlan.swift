/// The result of the search for one level per column.
package enum GlobalResult: Sendable {
  case plan(GlobalPlan)
  /// No level vector meets k within the limit.
  case unmet(UnmetHint)
}

/// Full-domain recoding: one level per column, and the published classes.
package struct GlobalPlan: Sendable {
  /// The hierarchy level of each column.
  let levels: [Int]
  /// The mean loss of each column's cells, 0 through 1.
  let columnLosses: [Double]
  /// The mean of the columns' losses.
  let loss: Double
  let suppressedRecords: Int
  let records: Int
  /// The people in the smallest published class, at least k.
  let smallestClass: Int
  /// The number of level vectors whose classes were counted to find this one.
  let groupingsCounted: Int
  /// The published classes: for each, the bytes of one group per column.
  let kept: ByteStringTable

  var classes: Int { kept.count }
}

/// What would have met the model.
///
/// If there are k people, one class of all of them meets k without suppression. So a model is unmet exactly when there
/// are fewer than k people, and then no share of suppression helps.
package struct UnmetHint: Sendable, Equatable {
  package let people: Int
  let records: Int
  package let k: Int

  package init(people: Int, records: Int, k: Int) {
    self.people = people
    self.records = records
    self.k = k
  }

  /// The largest k that these people can meet; 0 if there are none.
  package var largestK: Int { people }
  /// The least share of records to suppress so that k is met; nil if no share meets it.
  var smallestSuppression: Double? { people >= k ? 0 : nil }
}
