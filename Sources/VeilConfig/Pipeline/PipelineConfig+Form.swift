extension PipelineConfig {
  /// Whether records leave in one form, with nothing of the layout that they came in. That is so wherever records are
  /// to be alike: a record that is the only one with its blanks, its quotes or its order of members is no longer one of
  /// k.
  public var writesOneForm: Bool { anonymity != nil || microaggregation != nil }
}
