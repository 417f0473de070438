public import VeilConfig
import VeilGround

/// A pipeline with its stages built: everything about it that is known without reading data.
public struct CompiledPipeline: Sendable {
  public internal(set) var config: PipelineConfig
  /// The rules for fields, in the order of the file.
  var fields: [CompiledField]
  /// The stages that normalize values before these are compared with the erasure list.
  let erasureNormalization: [any Stage]
  /// The stages that normalize values before these are looked up in the consent ledger.
  let ledgerNormalization: [any Stage]
  /// The people and organizations who may get data, if a file names them; and below, the policies that apply.
  var recipients: RecipientsConfig?
  var policies: [PolicyConfig] = []
  /// The stages that normalize values before these are looked up in the list of corrections.
  let correctionNormalization: [any Stage]
  /// The fields that this run's list of corrections names.
  var correctedFields: [FieldPath] = []
  /// The form of a subject by which people are told apart; it is the same for all sinks.
  var subjectForm = SubjectForm.asItCame
  /// The rule for when two published sensitive values are the same; it is the same for all sinks.
  var publishedForm = PublishedForm()
  /// The view of each sink if there are several; empty if there is one.
  var sinkViews: [CompiledPipeline] = []
  /// Whether this is the view of one of several sinks, to be run by itself.
  public internal(set) var isOneOfSeveral = false

  /// The view of each sink: the pipeline with that sink alone, and the sink's own rules for fields.
  var views: [CompiledPipeline] { sinkViews.isEmpty ? [self] : sinkViews }

  mutating func setCorrectedFields(_ paths: [FieldPath]) {
    correctedFields = paths
    for index in sinkViews.indices { sinkViews[index].correctedFields = paths }
  }
}

/// One field's rule with its stages built.
struct CompiledField: Sendable {
  let config: FieldConfig
  /// The stages that rewrite the value, in order; empty for keep and drop.
  let stages: [any Stage]
  let isDropped: Bool
  /// The index of the field among the quasi-identifiers of `anonymity`.
  let quasiIndex: Int?
  /// Whether an object or array may leave with all that is in it.
  var isWhole = false
  /// Whether `microaggregation` replaces the field's numbers by means.
  var isAveraged = false
}

extension KeyStore {
  /// Loads every key that the pipeline declares.
  /// - Parameter reads: whether tokens are read, which also needs the accepted keys.
  static func load(_ compiled: CompiledPipeline, reads: Bool = false) throws(RunError) -> KeyStore {
    let carried = Set(compiled.views.flatMap(\.fields).flatMap(\.stages).compactMap(\.carriesOverFrom))
    return try load(compiled.config, carried: carried, reads: reads)
  }
}
