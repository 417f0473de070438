import VeilAnonymity
import VeilConfig
import VeilGround

/// The pass that gathers numbers before the one that publishes, and what was made of them.
struct Microaggregation {
  let plan: MicroPlan
  /// What the gathering pass did to records; the publishing one must do the same.
  let observed: Tally

  /// Throws where the publishing pass met other records.
  func check(_ tally: Tally) throws(RunError) {
    if tally.read != observed.read || tally.bad != observed.bad || tally.excludedTotal != observed.excludedTotal {
      throw RunError(
        .inputOutput, "the second pass over the input did not meet the same records as the first; nothing was published"
      )
    }
  }

  var manifest: JSONValue {
    .object([
      ("k", .integer(plan.k)), ("groups", .integer(plan.loss.groups)), ("smallest_group", .integer(plan.loss.smallest)),
      ("information_loss", .number(plan.loss.share)),
    ])
  }
}
