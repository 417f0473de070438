import VeilConfig
import VeilGround

/// The report and the metrics of a run: files beside the export, which are written even if there is no export.
///
/// They are opened before anything is read, so that a folder that cannot be written to is found at once. If the run
/// succeeds, they are published together with the export; if it fails, by themselves.
final class Bulletin {
  private let compiled: CompiledPipeline
  private let job: RunJob
  private var options: RunOptions { job.options }
  private var report: Publication?
  private var metrics: Publication?

  init(_ compiled: CompiledPipeline, _ job: RunJob) throws(OutputError) {
    self.compiled = compiled
    self.job = job
    try open()
  }

  /// Writes both files for a run that is about to publish, and adds them to what is published with the export.
  /// - Parameter outcome: how the run will have ended.
  func add(_ outcome: RunOutcome, to set: PublicationSet, reports: [RunReport]) throws(OutputError) {
    for publication in try write(outcome, reports) { set.add(publication) }
    // If publishing the export fails, these two files are deleted with it.
    (report, metrics) = (nil, nil)
  }

  /// Publishes both files for a run that published nothing, or had nothing to do.
  func publish(_ outcome: RunOutcome) throws(OutputError) {
    // Files written for a run that was about to publish are no longer true.
    (report, metrics) = (nil, nil)
    try open()
    for publication in try write(outcome, []) { try publication.commit() }
  }

  private func open() throws(OutputError) {
    if report == nil, let path = options.report, options.preview == nil { report = try Publication.begin(path) }
    // node_exporter runs as another user, and the metrics contain nothing that it may not read.
    if metrics == nil, let path = options.metrics, job.publishes {
      metrics = try Publication.begin(path, mode: 0o644)
    }
  }

  private func write(_ outcome: RunOutcome, _ reports: [RunReport]) throws(OutputError) -> [Publication] {
    try report?.write(ReportDocument.value(compiled, job, outcome: outcome, reports: reports).document)
    if let metrics, let path = options.metrics {
      let name = compiled.config.name
      try metrics.write(
        Metrics.text(
          pipeline: name, monitor: job.monitor, outcome: outcome, reports: reports, replacing: path))
    }
    return [report, metrics].compactMap { $0 }
  }
}
