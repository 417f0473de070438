import ArgumentParser
import Glibc
import Logging
import VeilConfig
import VeilEngine

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a pipeline and publishes its export.",
    discussion: """
      The export appears under its name when the run has succeeded, with mode 0600, or not at all; what stood there
      before stays until then.

      EXAMPLES
        veil run pipelines/customers.yaml
        veil run pipelines/customers.yaml --input customers.csv.gz --output shared.csv --manifest shared.json
        veil run pipelines/customers.yaml --dry-run
        veil run pipelines/customers.yaml --preview 5
        veil run pipelines/customers.yaml --wait 10m --log json --metrics /var/lib/node_exporter/customers.prom
      """)

  @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Option(help: "Reads this file in place of source.path; '-' is standard input.", completion: .file())
  var input: String?

  @Option(help: "Writes this file in place of sink.path; '-' is standard output.", completion: .file())
  var output: String?

  @Option(help: "Runs for this recipient's sink only, where there are several.")
  var recipient: String?

  @Option(help: "The day that retention counts from, YYYY-MM-DD; by default today (UTC).")
  var asOf: String?

  @Option(
    help: """
      Worker threads; by default one for each processor. Any number gives the same export. From 2 on, packed input is \
      read ahead on one thread more, and up to 8 more pack .gz or .zst; with 1 only zstd has a thread of its own.
      """)
  var threads: Int?

  @Option(help: "Applies this plan of 'veil anonymize decide', in one pass.", completion: .file())
  var plan: String?

  @Option(
    help: "Writes the plan here that was decided, for the next release to keep in step with.", completion: .file())
  var savePlan: String?

  @Flag(help: "Does everything but publish.")
  var dryRun = false

  @Option(help: "Shows this many records of the export and publishes nothing.")
  var preview: Int?

  @Option(help: "Writes a manifest (JSON) here: counts, digests, key fingerprints.", completion: .file())
  var manifest: String?

  @Option(
    help: "Writes a report (JSON) here, also when the run fails: counts, files, times, warnings.", completion: .file())
  var report: String?

  @Option(help: "Writes figures here for Prometheus' textfile collector, also when the run fails.", completion: .file())
  var metrics: String?

  @Option(help: "Messages on standard error: text or json, a line each with time and run id.")
  var log: MessageForm?

  @Option(help: "Shows how far the run is: auto (on a terminal), always or never.")
  var progress = ProgressMode.auto

  @Option(help: "Waits this long (30s, 10m, 2h) for another run of the same output, in place of ending at once.")
  var wait: String?

  @Flag(help: "With 'state': handles all inputs again, also those that were published before.")
  var rerun = false

  @Option(help: "Appends a line about the run to this audit log.", completion: .file())
  var audit: String?

  @Option(help: "Writes an OpenLineage event (JSON) here, for data catalogues.", completion: .file())
  var lineage: String?

  func validate() throws {
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads takes 1 to 256") }
    if let preview, preview < 1 { throw ValidationError("--preview takes a number of records, 1 or more") }
    if let asOf, CalendarDate(asOf) == nil { throw ValidationError("--as-of takes a day as YYYY-MM-DD") }
    if let wait, Patience.seconds(wait) == nil { throw ValidationError("--wait takes a time such as 30s, 10m or 2h") }
    if preview != nil && dryRun { throw ValidationError("--preview and --dry-run exclude each other") }
  }

  func run() throws {
    var options = RunOptions(toolVersion: Version.text)
    let messages = RunMessages(log, runID: options.monitor.runID)
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
    do {
      try publish(options, messages)
    } catch let failure as Failure {
      messages.error(failure.message, ["status": .stringConvertible(Int(failure.status))])
      throw Failure(failure.status, "")
    }
  }

  private func publish(_ options: RunOptions, _ messages: RunMessages) throws {
    let compiled = try PipelineFile.load(pipeline, recipient: recipient) { text in
      if messages.isPlain { Terminal.complain(text) } else { messages.warn(text) }
    }
    let options = try accounted(options, compiled)
    messages.note("run begins", ["pipeline": "\(compiled.config.name)"])
    let bar = ProgressBar(progress, isPlain: messages.isPlain, options.monitor)
    let result: Result<RunSummary, RunError>
    do throws(RunError) {
      result = .success(try Runner(compiled, options).run())
    } catch {
      result = .failure(error)
    }
    bar?.finish()
    for warning in options.monitor.warnings { messages.warn(warning) }
    switch result {
    case .success(let summary):
      for place in summary.badRecords { messages.info("skipped \(place)") }
      let tally = summary.tally
      let figures: Logger.Metadata = [
        "read": .stringConvertible(tally.read), "written": .stringConvertible(tally.written),
        "seconds": "\((options.monitor.seconds * 1000).rounded() / 1000)",
      ]
      if preview == nil { for line in summary.lines { messages.info(line, figures) } }
    case .failure(let error): throw Failure(error)
    }
  }

  /// Adds where manifest, audit line and lineage event go: what the command line says, or else the pipeline.
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

  /// For tests: the size of chunks, which must not change a byte of the output.
  static var chunkBytes: Int? {
    guard let text = unsafe getenv("VEIL_CHUNK_BYTES") else { return nil }
    return unsafe Int(String(cString: text)).flatMap { $0 > 0 ? $0 : nil }
  }
}

extension MessageForm: ExpressibleByArgument {}
extension ProgressMode: ExpressibleByArgument {}

/// Times as `--wait` takes them.
enum Patience {
  /// `30s`, `10m` or `2h` in seconds; nil for anything else and beyond a week.
  static func seconds(_ text: String) -> Int? {
    let factors: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
    guard let factor = text.last.flatMap({ factors[$0] }), text.dropLast().utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
      let count = Int(text.dropLast()), count <= 7 * 86_400 / factor
    else { return nil }
    return count * factor
  }
}
