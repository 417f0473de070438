/// What the command line adds to a pipeline.
public struct RunOptions: Sendable {
  /// In place of `source.path`; `-` is standard input.
  public var input: String?
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
  /// Where the manifest goes.
  public var manifest: String?
  /// Input bytes in a chunk; any size gives the same output.
  public var chunkBytes = 384 << 10
  /// The tool's version, for the manifest.
  public var toolVersion: String

  public init(toolVersion: String) { self.toolVersion = toolVersion }

  /// How many threads work on chunks. One means that nothing else works beside it either, but for zstd's own thread:
  /// input is then unpacked, and gzip packed, by the worker itself.
  var workerCount: Int { max(1, min(threads ?? WorkerThread.processorCount, 256)) }

  /// Whether a thread of its own unpacks input ahead of the workers.
  var readsAhead: Bool { workerCount > 1 }

  /// How many threads beside the workers pack one output; 0 leaves it to the worker that delivers.
  var packingThreads: Int { workerCount > 1 ? min(workerCount, PackingThreads.most) : 0 }
}
