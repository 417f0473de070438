public import VeilConfig
import VeilGround

/// A pipeline whose stages exist: everything about it that can be known without reading data.
public struct CompiledPipeline: Sendable {
  public internal(set) var config: PipelineConfig
  /// In file order.
  var fields: [CompiledField]
  /// What values pass before they are compared with the erasure list.
  let erasureNormalization: [any Stage]
  /// What values pass before they are looked up in the consent ledger.
  let ledgerNormalization: [any Stage]
  /// Who may get data, where a file says; and the policies that hold.
  var recipients: RecipientsConfig?
  var policies: [PolicyConfig] = []
  /// What values pass before they are looked up in the list of corrections.
  let correctionNormalization: [any Stage]
  /// The fields that this run's list of corrections names.
  var correctedFields: [FieldPath] = []
  /// What people are told apart by, the same for all sinks.
  var subjectForm = SubjectForm.asItCame
  /// What tells sensitive values apart once they have left, the same for all sinks.
  var publishedForm = PublishedForm()
  /// The pipeline as each of several sinks sees it; empty where there is one.
  var sinkViews: [CompiledPipeline] = []
  /// Whether this is one of several sinks, to be run by itself.
  public internal(set) var isOneOfSeveral = false

  /// The pipeline as each sink sees it: with that sink alone, and its own rules for fields.
  var views: [CompiledPipeline] { sinkViews.isEmpty ? [self] : sinkViews }

  mutating func setCorrectedFields(_ paths: [FieldPath]) {
    correctedFields = paths
    for index in sinkViews.indices { sinkViews[index].correctedFields = paths }
  }
}

/// One field's rule with its stages built.
struct CompiledField: Sendable {
  let config: FieldConfig
  /// What rewrites the value, in order; empty for keep and drop.
  let stages: [any Stage]
  let isDropped: Bool
  /// Its place among the quasi-identifiers of `anonymity`.
  let quasiIndex: Int?
  /// Whether `microaggregation` writes means in place of its numbers.
  var isAveraged = false
}

extension KeyStore {
  /// Loads every key that the pipeline declares.
  /// - Parameter reads: whether tokens are read, for which accepted keys are needed as well.
  static func load(_ compiled: CompiledPipeline, reads: Bool = false) throws(RunError) -> KeyStore {
    let carried = Set(compiled.views.flatMap(\.fields).flatMap(\.stages).compactMap(\.carriesOverFrom))
    return try load(compiled.config, carried: carried, reads: reads)
  }
}
