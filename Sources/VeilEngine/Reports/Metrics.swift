import Glibc
import VeilConfig

/// A run's figures in Prometheus' text format, for the textfile collector of node_exporter. They are written also when a
/// run fails; the time of the last success is carried over from the file that is replaced.
enum Metrics {
  static func text(
    pipeline: String, _ options: RunOptions, _ outcome: RunOutcome, reports: [RunReport], lastSuccess: Int?
  ) -> String {
    let monitor = options.monitor
    let tally = reports.isEmpty ? monitor.tally : reports.reduce(into: Tally()) { $0.add($1.tally) }
    let now = Int(time(nil))
    var page = Page(label: "pipeline=\"\(pipeline)\"")
    page.add(
      "veil_run_success", "Whether the last run did what it should (1) or published nothing (0).",
      outcome.status == 0 ? 1 : 0)
    page.add("veil_run_exit_status", "The exit status of the last run.", Int(outcome.status))
    page.add("veil_run_records_read", "Records that the last run read.", tally.read)
    page.begin("veil_run_records", "What became of the records that the last run read.")
    page.value("veil_run_records", "outcome=\"written\"", tally.written)
    for (name, count) in tally.excludedByReason {
      page.value("veil_run_records", "outcome=\"excluded\",reason=\"\(name)\"", count)
    }
    page.value("veil_run_records", "outcome=\"suppressed\"", tally.suppressed)
    page.value("veil_run_records", "outcome=\"bad\"", tally.bad)
    page.add("veil_run_input_bytes", "Bytes that the last run read, as they are stored.", monitor.bytesRead)
    page.add(
      "veil_run_output_bytes", "Bytes that the last run published, as they are stored.",
      reports.flatMap(\.outputs).reduce(0) { $0 + $1.byteCount })
    page.add("veil_run_warnings", "Warnings of the last run.", monitor.warnings.count)
    page.begin("veil_run_duration_seconds", "How long the last run took.")
    page.line("veil_run_duration_seconds", "", "\((monitor.seconds * 1000).rounded() / 1000)")
    page.add("veil_run_timestamp_seconds", "When the last run ended, in seconds since 1970.", now)
    if let success = outcome.status == 0 ? now : lastSuccess {
      page.add("veil_run_last_success_timestamp_seconds", "When a run last succeeded, in seconds since 1970.", success)
    }
    return page.text
  }

  /// When the run before this one says that a run of the pipeline last succeeded.
  static func lastSuccess(of pipeline: String, in path: String) -> Int? {
    let start = "veil_run_last_success_timestamp_seconds{pipeline=\"\(pipeline)\"} "
    guard let text = SmallFile.text(path, limit: 1 << 20) else { return nil }
    return text.split(separator: "\n").first { $0.hasPrefix(start) }.flatMap { Int($0.dropFirst(start.count)) }
  }

  private struct Page {
    let label: String
    var text = ""

    mutating func begin(_ name: String, _ help: String) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
    }

    mutating func line(_ name: String, _ labels: String, _ value: String) {
      text += "\(name){\(label)\(labels.isEmpty ? "" : ",\(labels)")} \(value)\n"
    }

    mutating func value(_ name: String, _ labels: String, _ value: Int) { line(name, labels, "\(value)") }

    mutating func add(_ name: String, _ help: String, _ value: Int) {
      begin(name, help)
      self.value(name, "", value)
    }
  }
}
