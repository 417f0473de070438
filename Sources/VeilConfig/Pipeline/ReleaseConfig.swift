/// The relation of a release to others: the plan that it applies, and the previous release.
public struct ReleaseConfig: Sendable {
  /// What happens to a record whose combination the plan does not know.
  public enum Unseen: String, Sendable, CaseIterable {
    case suppress, error
  }
  public var unseen = Unseen.suppress
  /// The path of the previous release's plan, not yet resolved. This release keeps in step with it.
  public var previous: String?
  public var previousMark: Mark?
  /// The largest number of people who may be singled out below k by the intersection of this release with the previous
  /// one. Nil means that they are counted, and that there is no limit.
  public var intersectionLimit: Int?

  public init() {}
}
