import VeilConfig

extension CompiledPipeline {
  /// Whether the run can still fail after its last record was written: because of a declared check, a limit of bad
  /// records, tokens that must be unique, or the check of the groups of means.
  var isJudgedAtEnd: Bool {
    config.checks.contains { $0.severity == .error } || config.badRecords.limit != nil
      || config.microaggregation != nil
      || fields.contains { !$0.isDropped && $0.stages.contains(where: \.mustBeUnique) }
  }
}
