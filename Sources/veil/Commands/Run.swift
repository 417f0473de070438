import ArgumentParser
import Glibc
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

  @Option(help: "Worker threads; by default one for each processor. Any number gives the same export.")
  var threads: Int?

  @Flag(help: "Does everything but publish.")
  var dryRun = false

  @Option(help: "Shows this many records of the export and publishes nothing.")
  var preview: Int?

  @Option(help: "Writes a manifest (JSON) here: counts, digests, key fingerprints.", completion: .file())
  var manifest: String?

  @Option(help: "Appends a line about the run to this audit log.", completion: .file())
  var audit: String?

  @Option(help: "Writes an OpenLineage event (JSON) here, for data catalogues.", completion: .file())
  var lineage: String?

  func validate() throws {
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads takes 1 to 256") }
    if let preview, preview < 1 { throw ValidationError("--preview takes a number of records, 1 or more") }
    if let asOf, CalendarDate(asOf) == nil { throw ValidationError("--as-of takes a day as YYYY-MM-DD") }
    if preview != nil && dryRun { throw ValidationError("--preview and --dry-run exclude each other") }
  }

  func run() throws {
    let compiled = try PipelineFile.load(pipeline, recipient: recipient)
    var options = RunOptions(toolVersion: Version.text)
    options.input = input
    options.output = output
    options.asOf = asOf.flatMap { CalendarDate($0) }
    options.threads = threads
    options.isDryRun = dryRun
    options.preview = preview
    let accounts = compiled.config.accountability
    options.manifest = manifest ?? accounts.manifest.map { compiled.config.resolve($0) }
    options.audit = audit ?? accounts.audit.map { compiled.config.resolve($0) }
    options.lineage = lineage ?? accounts.lineage.map { compiled.config.resolve($0) }
    if compiled.isOneOfSeveral, manifest == nil, accounts.manifest != nil, !dryRun, preview == nil {
      throw Failure(
        2, "veil: \(pipeline) has one manifest for all of its sinks: give this run one of its own, --manifest PATH")
    }
    if let bytes = Self.chunkBytes { options.chunkBytes = bytes }
    do throws(RunError) {
      let report = try Pipeline(compiled, options).run()
      for place in report.badRecords { Terminal.complain("veil: skipped \(place)") }
      if preview == nil { Terminal.complain("veil: \(report.summary)") }
    } catch {
      throw Failure(error)
    }
  }

  /// For tests: the size of chunks, which must not change a byte of the output.
  private static var chunkBytes: Int? {
    guard let text = unsafe getenv("VEIL_CHUNK_BYTES") else { return nil }
    return unsafe Int(String(cString: text)).flatMap { $0 > 0 ? $0 : nil }
  }
}
