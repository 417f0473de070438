/// The paths of files that document a run, not yet resolved; nil for a file that is not written.
public struct AccountabilityConfig: Sendable {
  /// The manifest of the run.
  public var manifest: String?
  /// The log to which every run appends a line.
  public var audit: String?
  /// The OpenLineage event, for data catalogues.
  public var lineage: String?

  public init() {}
}
