import VeilConfig

/// One field as the run sees it: where it is found, what is done to it, whether it leaves.
struct FieldPlan: Sendable {
  /// As the pipeline or the header writes it.
  let name: String
  let path: FieldPath
  /// The batch's column that holds its values; nil where nobody looks at them.
  var column: Int?
  /// Whether it leaves, rewritten or not.
  var isEmitted: Bool
  /// What rewrites it, in order; empty for keep and drop.
  var stages: [any Stage] = []
  /// Whether its rule is for a single value, so that an object or array there is a field that no rule names.
  var expectsValue = false
  /// Whether the input need not have it.
  var isOptional = false
  /// Whether a filter or the counting of people looks at it.
  var isLookedAt = false
  /// Whether a privacy model looks at its values, as they leave.
  var isModelled = false
  /// Whether a correction or the mean of a group may take the place of its value, which so is written from its column
  /// even where it is kept.
  var isReplaced = false
  /// Its place among the quasi-identifiers that `anonymity` generalizes.
  var quasiIndex: Int?
}
