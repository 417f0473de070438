import VeilConfig
public import VeilGround

/// What the command line adds to a pipeline.
public struct RunOptions: Sendable {
  /// In place of `source.path`; `-` is standard input.
  public var input: String?
  /// The very files to read, once it is known which ones `source.path` or `input` stands for.
  var inputs: [String]?
  /// In place of `sink.path`; `-` is standard output.
  public var output: String?
  /// The day that retention counts from; nil is today (UTC).
  public var asOf: CalendarDate?
  /// Worker threads; nil is one for each processor.
  public var threads: Int?
  /// Does everything but publish.
  public var isDryRun = false
  /// Writes this many records of the export to standard output and publishes nothing.
  public var preview: Int?
  /// A plan to apply, in place of a first pass.
  public var plan: String?
  /// Where the plan that was decided and applied goes.
  public var savePlan: String?
  /// Where the manifest goes.
  public var manifest: String?
  /// The audit log that gets a line about the run.
  public var audit: String?
  /// Where the OpenLineage event goes.
  public var lineage: String?
  /// Where the report of the run goes, also when it fails.
  public var report: String?
  /// Where its figures go for Prometheus, also when it fails.
  public var metrics: String?
  /// How long to wait for another run that holds the lock, in seconds.
  public var patience = 0
  /// Whether inputs that were published before are published again.
  public var reruns = false
  /// Where bad records are noted.
  var quarantine: Quarantine?
  /// Whether a state is kept of what was published.
  var keepsState = false
  /// What fills the places in output paths, where there are any.
  var pathValues: PathTemplate.Values?
  /// The run that a manifest names, where it is not this one but one that was cut short.
  var manifestRun: String?
  /// What can be seen of the run from outside.
  public var monitor = RunMonitor()
  /// Input bytes in a chunk; any size gives the same output.
  public var chunkBytes = 384 << 10
  /// The tool's version, for the manifest.
  public var toolVersion: String

  /// Whether anything asks for digests of what was read and written.
  var needsDigests: Bool {
    manifest != nil || report != nil || metrics != nil || keepsState || audit != nil || lineage != nil
  }

  public init(toolVersion: String) { self.toolVersion = toolVersion }

  /// How many threads work on chunks. One means that nothing else works beside it either, but for zstd's own thread:
  /// input is then unpacked, and gzip packed, by the worker itself.
  var workerCount: Int { max(1, min(threads ?? WorkerThread.processorCount, 256)) }

  /// Whether a thread of its own unpacks input ahead of the workers.
  var readsAhead: Bool { workerCount > 1 }

  /// How many threads beside the workers pack one output; 0 leaves it to the worker that delivers.
  var packingThreads: Int { workerCount > 1 ? min(workerCount, PackingThreads.most) : 0 }
}
