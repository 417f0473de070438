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
  /// A plan to apply, in place of a first pass.
  public var plan: String?
  /// Where the plan that was decided and applied goes.
  public var savePlan: String?
  /// Where the manifest goes.
  public var manifest: String?
  /// Input bytes in a chunk; any size gives the same output.
  public var chunkBytes = 384 << 10
  /// The tool's version, for the manifest.
  public var toolVersion: String

  public init(toolVersion: String) { self.toolVersion = toolVersion }
}
