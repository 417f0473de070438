import VeilConfig
import VeilGround

/// One run: what was asked for, and what the run itself has found out so far.
struct RunJob {
  /// What was asked for. The paths in it are filled in when the run knows what for.
  var options: RunOptions
  /// The progress of the run, visible from outside.
  let monitor: RunMonitor
  /// The day from which retention counts. It stays the same should midnight come during the run.
  let day: CalendarDate
  /// Whether the run keeps a state of what was published.
  private let keepsState: Bool
  /// The files to read; nil until it is known which files `source.path` or `options.input` matches.
  var inputs: [String]?
  /// The list of bad records.
  var quarantine: Quarantine?
  /// The values for the placeholders in output paths, if there are any.
  var pathValues: PathTemplate.Values?
  /// The run that the manifest names: this one, or an earlier one that was interrupted and is completed now.
  var manifestRun: String

  init(_ config: PipelineConfig, _ options: RunOptions, monitor: RunMonitor = RunMonitor()) {
    self.options = options
    self.monitor = monitor
    day = options.asOf ?? .today()
    keepsState = config.state != nil
    manifestRun = monitor.runID
  }

  /// Notes what would end the run, where it is only tried.
  var trial: Trial?

  /// Whether the run replaces its exports in the end.
  var publishes: Bool { !options.isDryRun && options.preview == nil }

  /// Whether anything needs digests of what was read and written.
  var needsDigests: Bool {
    trial == nil
      && (options.manifest != nil || options.report != nil || options.metrics != nil || keepsState
        || options.audit != nil || options.lineage != nil)
  }

  /// Does what may find that nothing can be published. A trial notes that and goes on.
  func settle(_ work: () throws -> Void) throws {
    guard let trial else { return try work() }
    do { try work() } catch { trial.note(RunError(any: error)) }
  }

  /// Compares what two passes met. Nothing comes of it where a trial left bad records out, for which a run would end.
  func settleCounts(_ work: () throws -> Void) throws {
    if trial?.hasBadRecords != true { try settle(work) }
  }
}
