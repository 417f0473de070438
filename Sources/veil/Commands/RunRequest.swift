import Glibc
import Logging
import VeilConfig
import VeilCrypto
import VeilEngine
import VeilGround

/// The request of one `veil run`. Its names are those of the options.
struct RunRequest: Equatable {
  static let threadCounts = 1...256

  var pipeline: String
  var input: String?
  var output: String?
  var recipient: String?
  var asOf: String?
  var threads: Int?
  var plan: String?
  var savePlan: String?
  var dryRun = false
  var preview: Int?
  var manifest: String?
  var report: String?
  var metrics: String?
  var log: MessageForm?
  var quiet = false
  var progress = ProgressMode.auto
  var wait: String?
  var rerun = false
  var audit: String?
  var lineage: String?
  var digests = DigestChoice.fastest

  /// Runs the pipeline, and reports on standard error what happened.
  func perform() throws {
    var options = RunOptions(toolVersion: Version.text)
    if digests == .openssl { DigestMaker.useOpenSSLAlone() }
    let monitor = RunMonitor()
    let messages = RunMessages(log, runID: monitor.runID, isQuiet: quiet)
    InterruptionNote.begin(log.map { $0 == .json ? .json : .log } ?? .line, run: monitor.runID)
    options.input = input
    options.output = output
    options.asOf = asOf.flatMap { CalendarDate($0) }
    options.threads = threads
    options.isDryRun = dryRun
    options.preview = preview
    options.report = report
    options.metrics = metrics
    options.reruns = rerun
    options.patience = wait.flatMap(Patience.seconds) ?? 0
    options.plan = plan
    options.savePlan = savePlan
    if let bytes = Self.chunkBytes { options.chunkBytes = bytes }
    if let bytes = Self.orderMemory { options.orderMemory = bytes }
    do {
      try publish(options, messages, monitor: monitor)
    } catch let failure as Failure {
      messages.error(failure.message, ["status": .stringConvertible(Int(failure.status))])
      throw Failure(failure.status, "")
    }
  }

  private func publish(_ options: RunOptions, _ messages: RunMessages, monitor: RunMonitor) throws {
    let compiled = try PipelineFile.load(pipeline, recipient: recipient) { text in
      if messages.writesLines { Terminal.complain(text) } else { messages.warn(text) }
    }
    let options = try accounted(options, compiled)
    if let warning = unwrittenWarning { messages.warn(warning) }
    messages.note("run begins", ["pipeline": "\(compiled.config.name)"])
    let bar = ProgressBar(quiet ? .never : progress, writesLines: messages.writesLines, monitor: monitor)
    let result: Result<RunSummary, RunError>
    do throws(RunError) {
      result = .success(try Runner(compiled, options, monitor: monitor).run())
    } catch {
      result = .failure(error)
    }
    bar?.finish()
    for warning in monitor.warnings { messages.warn(warning) }
    switch result {
    case .success(let summary):
      let tally = summary.tally
      let figures: Logger.Metadata = [
        "read": .stringConvertible(tally.read), "written": .stringConvertible(tally.written),
        "seconds": "\((monitor.seconds * 1000).rounded() / 1000)",
      ]
      if preview == nil { for line in summary.lines { messages.info(line, figures) } }
      if let problem = summary.problem { throw Failure(RunError.check(problem)) }
    case .failure(let error): throw Failure(error)
    }
  }

  /// A warning about requested files that a run without an export does not write; nil if there are none.
  private var unwrittenWarning: String? {
    guard preview != nil || dryRun else { return nil }
    let files = [
      ("--manifest", manifest), ("--report", dryRun ? nil : report), ("--metrics", metrics),
      ("--audit", dryRun ? audit : nil), ("--lineage", lineage), ("--save-plan", savePlan),
    ]
    let names = files.filter { $0.1 != nil }.map(\.0)
    guard !names.isEmpty else { return nil }
    return "\(dryRun ? "--dry-run" : "--preview") publishes nothing, so nothing is written for "
      + names.joined(separator: ", ")
  }

  /// Adds the paths of the manifest, audit log and lineage event: those of the command line, or else those of the
  /// pipeline.
  private func accounted(_ options: RunOptions, _ compiled: CompiledPipeline) throws -> RunOptions {
    let (config, accounts) = (compiled.config, compiled.config.accountability)
    if compiled.isOneOfSeveral, manifest == nil, accounts.manifest != nil, !dryRun, preview == nil {
      throw Failure(
        2, "veil: \(pipeline) has one manifest for all of its sinks: give this run one of its own, --manifest PATH")
    }
    var options = options
    options.manifest = manifest ?? accounts.manifest.map { config.resolve($0) }
    options.audit = audit ?? accounts.audit.map { config.resolve($0) }
    options.lineage = lineage ?? accounts.lineage.map { config.resolve($0) }
    return options
  }

  /// The size of chunks for tests; it must not change a byte of the output.
  static var chunkBytes: Int? { byteCount("VEIL_CHUNK_BYTES") }

  /// The memory of a keyed order for tests; it must not change a byte of the output.
  static var orderMemory: Int? { byteCount("VEIL_ORDER_BYTES") }

  private static func byteCount(_ variable: String) -> Int? {
    guard let text = unsafe getenv(variable) else { return nil }
    return unsafe Int(String(cString: text)).flatMap { $0 > 0 ? $0 : nil }
  }
}
