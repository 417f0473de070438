import VeilConfig

extension CompiledPipeline {
  /// Whether the run can still fail after its last record was written: because of a declared check, a limit of bad
  /// records, tokens that must be unique, or because the second of two passes did not meet what the first one did.
  var isJudgedAtEnd: Bool {
    config.checks.contains { $0.severity == .error } || config.badRecords.limit != nil
      || config.microaggregation != nil || config.anonymity != nil
      || fields.contains { !$0.isDropped && $0.stages.contains(where: \.mustBeUnique) }
  }
}
