import ArgumentParser
import VeilEngine
import VeilGround

/// The command line of `veil run`. `RunRequest` does the work.
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
        veil run pipelines/customers.yaml --wait 10m --quiet --metrics /var/lib/node_exporter/customers.prom
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

  @Flag(help: "Writes warnings and errors only: a run with nothing to say says nothing.")
  var quiet = false

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

  @Option(help: "Who computes digests: fastest (libipsec-mb beside OpenSSL, where that is faster) or openssl alone.")
  var digests = DigestChoice.fastest

  func validate() throws {
    if let threads, !RunRequest.threadCounts.contains(threads) { throw ValidationError("--threads takes 1 to 256") }
    if let preview, !(1...100).contains(preview) {
      throw ValidationError("--preview takes a number of records, 1 to 100")
    }
    if let asOf, CalendarDate(asOf) == nil { throw ValidationError("--as-of takes a day as YYYY-MM-DD") }
    if let wait, Patience.seconds(wait) == nil { throw ValidationError("--wait takes a time such as 30s, 10m or 2h") }
    if preview != nil && dryRun { throw ValidationError("--preview and --dry-run exclude each other") }
  }

  var request: RunRequest {
    RunRequest(
      pipeline: pipeline, input: input, output: output, recipient: recipient, asOf: asOf, threads: threads, plan: plan,
      savePlan: savePlan, dryRun: dryRun, preview: preview, manifest: manifest, report: report, metrics: metrics,
      log: log, quiet: quiet, progress: progress, wait: wait, rerun: rerun, audit: audit, lineage: lineage,
      digests: digests)
  }

  func run() throws { try request.perform() }
}

/// Who computes digests. The bytes are the same either way.
enum DigestChoice: String, ExpressibleByArgument, CaseIterable {
  case fastest, openssl
}

extension MessageForm: ExpressibleByArgument {}
extension ProgressMode: ExpressibleByArgument {}

/// The waiting times that `--wait` accepts.
enum Patience {
  /// Returns `30s`, `10m` or `2h` in seconds; nil for anything else and for more than a week.
  static func seconds(_ text: String) -> Int? {
    let factors: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
    guard let factor = text.last.flatMap({ factors[$0] }), text.dropLast().utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
      let count = Int(text.dropLast()), count <= 7 * 86_400 / factor
    else { return nil }
    return count * factor
  }
}
