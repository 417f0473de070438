extension PipelineReading {
  static let accountabilityKeys = ["manifest", "audit", "lineage"]

  /// Reads `manifest: PATH`, `audit: PATH` and `lineage: PATH` at the top of a pipeline.
  func accountability(_ pipeline: OptionReader, _ sinks: [SinkConfig]) -> AccountabilityConfig {
    func file(_ key: String) -> String? {
      guard let path = path(key, pipeline) else { return nil }
      if path == "-" { pipeline.error(key, "\(quote(key)) goes to a file, not to standard output") }
      return path
    }
    var config = AccountabilityConfig()
    config.manifest = file("manifest")
    config.audit = file("audit")
    config.lineage = file("lineage")
    if pipeline.isAbsent("manifest"), let sink = sinks.first(where: { $0.expires != nil }) {
      diagnostics.warn(
        at: sink.mark, "'expires' stands in the manifest, and a run without one leaves an export that never expires",
        help: "add 'manifest: PATH' to the pipeline, or give --manifest PATH to every run")
    }
    return config
  }

  /// Reads how long an export may be kept: `expires: 90 days`.
  func expiry(_ sink: OptionReader) -> CalendarPeriod? {
    guard let text = sink.string("expires") else { return nil }
    if let period = CalendarPeriod(text) { return period }
    sink.error(
      "expires", "'expires' must be a whole number of days, weeks, months or years, not \(quote(text))",
      help: "for example  expires: 90 days")
    return nil
  }
}
