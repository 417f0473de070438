import VeilConfig

extension CompiledPipeline {
  /// Whether the run can still be stopped when its last record has been written: by a declared check, a limit of bad
  /// records, tokens that must be unique, or means whose groups are looked at.
  var isJudgedAtEnd: Bool {
    config.checks.contains { $0.severity == .error } || config.badRecords.limit != nil
      || config.microaggregation != nil
      || fields.contains { !$0.isDropped && $0.stages.contains(where: \.mustBeUnique) }
  }
}
