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
  public func lane(of sink: SinkConfig) -> PipelineConfig {
    var lane = self
    lane.sinks = [sink]
    for override in sink.fields {
      guard let index = lane.fields.firstIndex(where: { $0.path == override.path }) else { continue }
      lane.fields[index].mark = override.mark
      if !override.stages.isEmpty { lane.fields[index].stages = override.stages }
      lane.fields[index].because = override.because ?? lane.fields[index].because
      lane.fields[index].purposes = override.purposes ?? lane.fields[index].purposes
    }
    return lane
  }
}
