import VeilConfig
import VeilGround

/// The view of a sink that gets figures: which part of the pipeline it sees, and what takes its records.
enum AggregateView {
  /// Compiles the pipeline as an aggregate sees it: it reads only the fields that it groups by and sums.
  static func compile(
    _ aggregate: AggregateConfig, config: PipelineConfig, fields: [CompiledField], pipeline: CompiledPipeline,
    diagnostics: Diagnostics
  ) -> CompiledPipeline {
    if config.anonymity != nil {
      diagnostics.error(
        at: aggregate.mark, "'aggregate' does not go with 'anonymity' in one pipeline",
        help: "whom anonymity suppresses depends on others, so that the bound on one person's part would not hold; "
          + "write a pipeline of its own")
    }
    do throws(AggregateError) { _ = try AggregateSink(aggregate) { _ in } } catch {
      diagnostics.error(at: aggregate.mark, "\(error)")
    }
    var config = config
    // The input may have fields that no rule names; they do not get here.
    if config.unlisted == .keep { config.unlisted = .drop }
    let used = Set(aggregate.fields)
    for field in fields where used.contains(field.config.path) {
      if field.isDropped {
        diagnostics.error(
          at: field.config.mark, "'\(field.config.path)' is dropped, and the aggregate counts by it",
          help: "give this sink its own rule under its 'fields'")
      }
      if field.config.path.steps.contains(.elements) {
        diagnostics.error(at: field.config.mark, "an aggregate counts by fields that have one value a record")
      }
    }
    var view = pipeline
    view.config = config
    view.fields = fields.map { field in
      used.contains(field.config.path)
        ? field
        : CompiledField(config: field.config, stages: [], isDropped: true, quasiIndex: nil)
    }
    return view
  }

  /// Makes the encoder that turns a thread's records into contributions. Throws `.mismatch` if a field is missing.
  static func encoder(
    _ aggregate: AggregateConfig, _ layout: Layout, subjects: SubjectReader
  ) throws(RunError) -> AggregateEncoder {
    func place(_ path: FieldPath) throws(RunError) -> AggregateEncoder.FieldColumn {
      guard let field = layout.fields.firstIndex(where: { $0.path == path }),
        let column = layout.fields[field].column
      else { throw RunError(.mismatch, "the input has no field '\(path)', which 'aggregate' looks at") }
      return AggregateEncoder.FieldColumn(field: field, column: column)
    }
    var by: [AggregateEncoder.FieldColumn] = []
    for group in aggregate.by { by.append(try place(group.field)) }
    var measures: [(measure: AggregateMeasure, place: AggregateEncoder.FieldColumn?)] = []
    for config in aggregate.measures {
      do throws(AggregateError) {
        let measure = try AggregateMeasure(config)
        var found: AggregateEncoder.FieldColumn?
        if let sum = measure.sum {
          do throws(RunError) { found = try place(sum.field) } catch { throw AggregateError("\(error)") }
        }
        measures.append((measure, found))
      } catch {
        throw RunError(.mismatch, "\(error)")
      }
    }
    return AggregateEncoder(by: by, measures: measures, subjects: subjects)
  }
}
