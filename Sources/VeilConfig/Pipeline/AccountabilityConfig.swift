/// What a run leaves behind to answer questions with, each a path to be resolved; nil where none is written.
public struct AccountabilityConfig: Sendable {
  /// The manifest of the run.
  public var manifest: String?
  /// The log that every run appends a line to.
  public var audit: String?
  /// An OpenLineage event, for data catalogues.
  public var lineage: String?

  public init() {}
}
