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
  /// The audit log that gets a line about the run.
  public var audit: String?
  /// Where the OpenLineage event goes.
  public var lineage: String?
  /// Input bytes in a chunk; any size gives the same output.
  public var chunkBytes = 384 << 10
  /// The tool's version, for the manifest.
  public var toolVersion: String

  /// Whether anything asks for digests of what was read and written.
  var needsDigests: Bool { manifest != nil || audit != nil || lineage != nil }

  public init(toolVersion: String) { self.toolVersion = toolVersion }
}
