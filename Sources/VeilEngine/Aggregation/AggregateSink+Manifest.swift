import VeilConfig
import VeilGround

extension AggregateSink {
  /// The part of the manifest about this aggregate: what was published, how exact it is, and what it cost. It is meant
  /// for the people who run the pipeline: its counts of records have no noise.
  var manifest: JSONValue {
    .object([
      ("model", .text("differential privacy")), ("noise", .text("discrete \(config.noise.rawValue)")),
      ("epsilon", .number(config.epsilon.value)), ("delta", .number(config.delta.value)),
      ("delta_of_noise", .number(deltas.noise)), ("delta_of_groups", .number(deltas.groups)),
      ("groups_per_person", .integer(config.groupsPerPerson)),
      ("records_per_person_and_group", .integer(config.recordsPerGroup)),
      ("rows", .integer(rowsWritten)), ("least_people", threshold.map { .integer($0) } ?? .null),
      ("standard_deviations", .object(deviations.map { ($0.name, .number($0.deviation)) })),
      ("records_over_bounds", .integer(recordsOverBounds)), ("records_of_other_groups", .integer(recordsOutside)),
    ])
  }
}
