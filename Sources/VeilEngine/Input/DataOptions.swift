public import VeilConfig

/// What a command that only looks at data is told about it.
public struct DataOptions: Sendable {
  /// `-` is standard input; may be a glob.
  public var path: String
  /// Nil: by the file's name.
  public var format: DataFormat?
  public var csv = CSVDialect()
  /// Nil: UTF-8, or UTF-16 if a byte order mark says so.
  public var encoding: TextEncoding?
  /// Names that somebody gave to fields, so that they are known to be in a header.
  public var knownNames: Set<String> = []
  public var threads: Int?
  public var chunkBytes = 384 << 10

  public init(path: String) { self.path = path }
}
