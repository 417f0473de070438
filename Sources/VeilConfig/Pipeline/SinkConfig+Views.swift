/// What one sink does with a field otherwise than the pipeline's `fields`.
public struct SinkField: Sendable {
  public var path: FieldPath
  public var mark: Mark
  /// In place of the field's own stages; empty to keep those.
  public var stages: [StageCall]
  public var because: String?
  /// In place of the field's own purposes, each of which must be one of them; nil to keep those.
  public var purposes: [String]?
}

extension PipelineConfig {
  /// The pipeline as one of its sinks sees it: with that sink alone, and the sink's rules laid over `fields`.
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
