/// How a release stands to others: the plan that it applies, and the release before it.
public struct ReleaseConfig: Sendable {
  /// What becomes of a record whose combination a plan does not know.
  public enum Unseen: String, Sendable, CaseIterable {
    case suppress, error
  }
  public var unseen = Unseen.suppress
  /// The plan of the release before, a path to be resolved: this one keeps in step with it.
  public var previous: String?
  public var previousMark: Mark?
  /// At most so many people may be singled out below k by whoever intersects this release with the one before. Nil: they
  /// are counted, and there is no limit.
  public var intersectionLimit: Int?

  public init() {}
}
