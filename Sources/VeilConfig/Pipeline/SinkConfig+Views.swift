/// The rule of one sink for a field, where it differs from the pipeline's `fields`.
public struct SinkField: Sendable {
  public var path: FieldPath
  public var mark: Mark
  /// The stages that replace the field's own; empty to keep those.
  public var stages: [StageCall]
  public var because: String?
  /// The purposes that replace the field's own, each of which must be one of those; nil to keep them.
  public var purposes: [String]?
}

extension PipelineConfig {
  /// The order in which the records of a view leave.
  public var order: RecordOrder { sinks[0].order }

  /// Returns the pipeline as one of its sinks sees it: with that sink alone, and the sink's rules in place of those in
  /// `fields`.
  public func view(of sink: SinkConfig) -> PipelineConfig {
    var view = self
    view.sinks = [sink]
    for override in sink.fields {
      guard let index = view.fields.firstIndex(where: { $0.path == override.path }) else { continue }
      view.fields[index].mark = override.mark
      if !override.stages.isEmpty { view.fields[index].stages = override.stages }
      view.fields[index].because = override.because ?? view.fields[index].because
      view.fields[index].purposes = override.purposes ?? view.fields[index].purposes
    }
    return view
  }
}
