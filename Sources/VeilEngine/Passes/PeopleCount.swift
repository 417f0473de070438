import VeilConfig

/// How many people an input is about: different subjects, or records where the pipeline names no subject.
public struct PeopleCount: Sendable {
  public let count: Int
  /// Whether records were counted, each of which may or may not be somebody's own.
  public let isOfRecords: Bool

  /// What the number means for the tokens of each field: the chance that two people share one.
  public func advice(_ compiled: CompiledPipeline) -> [String] {
    var told: [String] = []
    for view in compiled.views {
      for field in view.fields where !field.isDropped {
        guard let bound = (field.stages.last as? any CollisionBounded)?.collisionBound(people: max(2, count)) else {
          continue
        }
        let line =
          "note: field '\(field.config.path)' (\(isOfRecords ? "records" : "people") counted in the input): \(bound)"
        if !told.contains(line) { told.append(line) }
      }
    }
    return told
  }
}

extension CompiledPipeline {
  /// Whether a field leaves as tokens so short that the number of people matters.
  public var makesTokens: Bool {
    views.contains { $0.fields.contains { !$0.isDropped && $0.stages.last is any CollisionBounded } }
  }
}
