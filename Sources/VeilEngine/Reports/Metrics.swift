import Glibc
import VeilConfig

/// The figures of a run in Prometheus' text format, for the textfile collector of node_exporter. They are written even
/// if a run fails; the times of the last success and of the newest input are copied from the file that is replaced.
enum Metrics {
  static func text(
    pipeline: String, monitor: RunMonitor, outcome: RunOutcome, reports: [RunReport], replacing path: String
  ) -> String {
    let (lastSuccess, lastNewest) = (last(success, of: pipeline, in: path), last(newest, of: pipeline, in: path))
    let tally = reports.isEmpty ? monitor.tally : reports.reduce(into: Tally()) { $0.add($1.tally) }
    let now = Int(time(nil))
    var page = Page(label: "pipeline=\"\(pipeline)\"")
    page.add(
      "veil_run_success", help: "Whether the last run did what it should (1) or published nothing (0).",
      value: outcome.status == 0 ? 1 : 0)
    page.add("veil_run_exit_status", help: "The exit status of the last run.", value: Int(outcome.status))
    page.add("veil_run_records_read", help: "Records that the last run read.", value: tally.read)
    page.begin("veil_run_records", "What became of the records that the last run read.")
    page.value("veil_run_records", labels: "outcome=\"written\"", value: tally.written)
    for (name, count) in tally.excludedByReason {
      page.value("veil_run_records", labels: "outcome=\"excluded\",reason=\"\(name)\"", value: count)
    }
    page.value("veil_run_records", labels: "outcome=\"suppressed\"", value: tally.suppressed)
    page.value("veil_run_records", labels: "outcome=\"bad\"", value: tally.bad)
    page.add(
      "veil_run_input_bytes", help: "Bytes that the last run read, as they are stored.", value: monitor.bytesRead)
    page.add(
      "veil_run_output_bytes", help: "Bytes that the last run published, as they are stored.",
      value: reports.flatMap(\.outputs).reduce(0) { $0 + $1.byteCount })
    page.add("veil_run_warnings", help: "Warnings of the last run.", value: monitor.warnings.count)
    if let inputs = monitor.inputs {
      page.add(
        "veil_run_new_inputs", help: "Input files of the last run that no run had published before.", value: inputs.new)
    }
    if let time = monitor.inputs?.newest ?? lastNewest {
      page.add(newest, help: "When the newest input file was last changed, in seconds since 1970.", value: time)
    }
    page.begin("veil_run_duration_seconds", "How long the last run took.")
    page.line("veil_run_duration_seconds", labels: "", value: "\((monitor.seconds * 1000).rounded() / 1000)")
    page.add("veil_run_timestamp_seconds", help: "When the last run ended, in seconds since 1970.", value: now)
    if let success = outcome.status == 0 ? now : lastSuccess {
      page.add(
        Self.success, help: "When a run last succeeded, in seconds since 1970.",
        value: success)
    }
    return page.text
  }

  private static let success = "veil_run_last_success_timestamp_seconds"
  private static let newest = "veil_run_newest_input_timestamp_seconds"

  /// Returns a time that outlasts a run, as the metrics of the previous run of the pipeline say it.
  private static func last(_ name: String, of pipeline: String, in path: String) -> Int? {
    let start = "\(name){pipeline=\"\(pipeline)\"} "
    guard let text = SmallFile.text(path, limit: 1 << 20) else { return nil }
    return text.split(separator: "\n").first { $0.hasPrefix(start) }.flatMap { Int($0.dropFirst(start.count)) }
  }

  private struct Page {
    let label: String
    var text = ""

    mutating func begin(_ name: String, _ help: String) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
    }

    mutating func line(_ name: String, labels: String, value: String) {
      text += "\(name){\(label)\(labels.isEmpty ? "" : ",\(labels)")} \(value)\n"
    }

    mutating func value(_ name: String, labels: String, value: Int) { line(name, labels: labels, value: "\(value)") }

    mutating func add(_ name: String, help: String, value: Int) {
      begin(name, help)
      self.value(name, labels: "", value: value)
    }
  }
}
