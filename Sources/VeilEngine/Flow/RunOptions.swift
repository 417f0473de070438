import VeilConfig
import VeilCrypto
public import VeilGround

/// What the command line adds to a pipeline. What a run itself knows is in `RunJob`.
public struct RunOptions: Sendable {
  /// Replaces `source.path`; `-` is standard input.
  public var input: String?
  /// Replaces `sink.path`; `-` is standard output.
  public var output: String?
  /// The day from which retention counts; nil means today (UTC).
  public var asOf: CalendarDate?
  /// The number of worker threads; nil means one for each processor.
  public var threads: Int?
  /// Whether the run does everything but publish.
  public var isDryRun = false
  /// Writes this number of records of the export to standard output, and publishes nothing.
  public var preview: Int?
  /// The path of a plan that is applied instead of a first pass.
  public var plan: String?
  /// The path for saving the plan that was decided and applied.
  public var savePlan: String?
  /// The path of the manifest.
  public var manifest: String?
  /// The path of the audit log, which gets a line about the run.
  public var audit: String?
  /// The path of the OpenLineage event.
  public var lineage: String?
  /// The path of the run's report, which is also written if the run fails.
  public var report: String?
  /// The path of the metrics for Prometheus, which are also written if the run fails.
  public var metrics: String?
  /// How many seconds to wait for another run that holds the lock.
  public var patience = 0
  /// Whether to publish inputs again that were already published.
  public var reruns = false
  /// The number of input bytes in a chunk; any size gives the same output.
  public var chunkBytes = 384 << 10
  /// The bytes in which all sinks together gather records that leave in keyed order; any number gives the same output.
  public var orderMemory = KeyedOrder.standardMemory
  /// The key of each sink's order. Only tests set it: a key that lasts would let two releases be joined by their order.
  var orderKey: @Sendable (_ sink: Int) -> SecretBytes = { _ in .random(count: 32) }
  /// The tool's version, for the manifest.
  public var toolVersion: String

  public init(toolVersion: String) { self.toolVersion = toolVersion }

  /// The number of threads that work on chunks. With one, there are no other threads except zstd's own: the worker
  /// itself decompresses the input and compresses with gzip.
  var workerCount: Int { max(1, min(threads ?? WorkerThread.processorCount, 256)) }

  /// Whether a separate thread decompresses input ahead of the workers.
  var readsAhead: Bool { workerCount > 1 }

  /// The number of additional threads that compress one output; with 0, the worker that delivers does it.
  var packingThreads: Int { workerCount > 1 ? min(workerCount, PackingThreads.most) : 0 }
}
