/// What the search for one level a column came to.
package enum GlobalResult: Sendable {
  case plan(GlobalPlan)
  /// No level vector meets k within the limit.
  case unmet(UnmetHint)
}

/// Full-domain recoding: one level a column, and the classes that are published.
package struct GlobalPlan: Sendable {
  /// The hierarchy level of each column.
  let levels: [Int]
  /// The mean loss of each column's cells, 0 through 1.
  let columnLosses: [Double]
  /// The mean of the columns' losses.
  let loss: Double
  let suppressedRecords: Int
  let records: Int
  /// People in the smallest class published, at least k.
  let smallestClass: Int
  /// How many level vectors were counted to find this one.
  let groupingsCounted: Int
  /// The classes published: the bytes of one group a column.
  let kept: ByteStringTable

  var classes: Int { kept.count }
}

/// What would have met the model.
///
/// When k people are there, putting all into one class meets any k without suppressing anybody; so a model is unmet
/// exactly when there are fewer, and no share of suppression helps.
package struct UnmetHint: Sendable, Equatable {
  package let people: Int
  let records: Int
  package let k: Int

  package init(people: Int, records: Int, k: Int) {
    self.people = people
    self.records = records
    self.k = k
  }

  /// The largest k that these people can meet; 0 when there is nobody.
  package var largestK: Int { people }
  /// The least share of records to suppress that meets k; nil because there is none.
  var smallestSuppression: Double? { people >= k ? 0 : nil }
}
