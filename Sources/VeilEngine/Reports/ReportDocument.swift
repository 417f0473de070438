import VeilConfig
import VeilGround

/// The report of a run as JSON: how it ended, counts by reason, files, times, warnings. It is written even if a run
/// fails, and holds no values of the data.
enum ReportDocument {
  static func value(
    _ compiled: CompiledPipeline, _ job: RunJob, outcome: RunOutcome, reports: [RunReport]
  ) -> JSONValue {
    let (options, monitor) = (job.options, job.monitor)
    let tally = reports.isEmpty ? monitor.tally : reports.reduce(into: Tally()) { $0.add($1.tally) }
    return .object([
      ("report_version", .integer(1)),
      ("run", .text(monitor.runID)),
      ("tool", .object([("name", .text("veil")), ("version", .text(options.toolVersion))])),
      ("pipeline", .object([("name", .text(compiled.config.name)), ("path", .text(compiled.config.path))])),
      ("result", .text(result(outcome, options, reports: reports))),
      ("exit_status", .integer(Int(outcome.status))),
      ("error", .optional(outcome.problem)),
      ("started", .text(monitor.started.description)),
      ("finished", .text(Timestamp.now().description)),
      ("seconds", .number(milliseconds(monitor.seconds))),
      ("as_of", .text(job.day.description)),
      ("records", records(tally)),
      ("bytes_read", .integer(monitor.bytesRead)),
      ("inputs", .array(reports.flatMap(\.inputs).map(Manifest.file))),
      ("outputs", .array(reports.flatMap { outputs($0, compiled) })),
      ("measured", .array(reports.flatMap(\.measured))),
      ("labels", .array(reports.flatMap(\.labelValues))),
      ("risks", .array(reports.flatMap(\.riskValues))),
      ("checks", .array(monitor.checks.map(check))),
      ("bad_records", .array(tally.located.map { .text($0) })),
      ("longest_record", longest(tally)),
      ("failed_inputs", .array(outcome.failedInputs.map(\.value))),
      ("warnings", .array(monitor.warnings.map { .text($0) })),
    ])
  }

  /// Returns the exports of one report. Their digests are there for all of them, or for none.
  private static func outputs(_ report: RunReport, _ compiled: CompiledPipeline) -> [JSONValue] {
    zip(report.outputs, compiled.views).map { digest, view in
      guard case .object(let members) = Manifest.file(digest) else { return .null }
      return .object(members + [("order", Manifest.order(of: view))])
    }
  }

  private static func result(_ outcome: RunOutcome, _ options: RunOptions, reports: [RunReport]) -> String {
    if outcome.status != 0 { return reports.isEmpty ? "failed" : "published_in_part" }
    return options.isDryRun ? "dry_run" : reports.isEmpty ? "nothing_new" : "published"
  }

  /// The record of the most lines; null where all have one.
  private static func longest(_ tally: Tally) -> JSONValue {
    if tally.lines.isEmpty { return .null }
    return .object([("lines", .integer(tally.lines.most)), ("place", .text(tally.longestPlace))])
  }

  static func records(_ tally: Tally) -> JSONValue {
    .object([
      ("read", .integer(tally.read)), ("written", .integer(tally.written)),
      ("excluded", .object(tally.excludedByReason.map { ($0.name, .integer($0.count)) })),
      ("excluded_by_consent", .object(tally.consentReasons.map { ($0.name, .integer($0.count)) })),
      ("suppressed", .integer(tally.suppressed)), ("bad", .integer(tally.bad)),
    ])
  }

  static func check(_ result: CheckResult) -> JSONValue {
    .object([
      ("check", .text(result.name)), ("severity", .text(result.isError ? "error" : "warn")),
      ("passed", .bool(result.passed)), ("detail", .text(result.detail)),
    ])
  }

  private static func milliseconds(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
}
