import VeilAnonymity
import VeilConfig
import VeilGround

/// The result of the pass that collects numbers before the publishing pass: the means to publish.
struct Microaggregation {
  let plan: MicroPlan
  /// What happened to records in the collecting pass. The same must happen in the publishing pass.
  let observed: Tally

  /// Throws if the publishing pass met other records.
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
