import VeilConfig
import VeilCrypto

/// The form of a subject by which people are told apart: spellings that the subject's own stages make equal are one
/// person, as the recipient of the export sees it.
///
/// The form consists of the stages before the first stage that makes tokens or removes a part of the value. After that
/// stage, different people may look the same, and one person may look different.
struct SubjectForm: Sendable {
  let stages: [any Stage]
  private let calls: [StageCall]

  static let asItCame = SubjectForm()

  private init() { (stages, calls) = ([], []) }

  init(of field: CompiledField) {
    stages = field.isDropped ? [] : Array(field.stages.prefix { $0.fate.isReadable })
    calls = Array(field.config.stages.prefix(stages.count))
  }

  /// The stages as the pipeline writes them: `trim, lowercase`, and a digest if stages have options; empty without
  /// stages.
  var text: String {
    let names = calls.map(\.name).joined(separator: ", ")
    return calls.contains { $0.options != nil } ? "\(names) (\(StageCall.digest(of: calls).prefix(16)))" : names
  }

  /// Returns whether this form begins with all stages of the other one, so that spellings which the other form makes
  /// equal are equal here, too.
  fileprivate func goesOn(from other: SubjectForm) -> Bool {
    other.calls.count <= calls.count
      && StageCall.digest(of: Array(calls.prefix(other.calls.count))) == StageCall.digest(of: other.calls)
  }

  /// Adds the one form for all sinks, because a record is in the same class for each of them. It is the longest form;
  /// all other forms must be the beginning of it.
  static func add(to pipeline: inout CompiledPipeline, _ diagnostics: Diagnostics) {
    let config = pipeline.config
    guard let subject = config.source.subject else { return }
    func field(_ view: CompiledPipeline) -> CompiledField? {
      view.fields.first { $0.config.path == subject && !$0.isDropped }
    }
    var fields = pipeline.views.compactMap(field)
    // If no sink gets the field, the field's own rule still says which spellings are the same.
    if fields.isEmpty { fields = field(pipeline).map { [$0] } ?? [] }
    let forms = fields.map { SubjectForm(of: $0) }
    let longest = forms.max { $0.calls.count < $1.calls.count } ?? .asItCame
    let countsPeople =
      config.countsSubjects || config.microaggregation != nil || config.sinks.contains { $0.aggregate != nil }
    if countsPeople, let odd = zip(fields, forms).first(where: { !longest.goesOn(from: $0.1) }) {
      diagnostics.error(
        at: odd.0.config.mark,
        "the sinks bring '\(subject)' to different forms, so that who is one person to one of them is two to another",
        help: "put the same stages in front of its tokens for every sink")
    }
    pipeline.subjectForm = longest
    for index in pipeline.sinkViews.indices { pipeline.sinkViews[index].subjectForm = longest }
  }
}

extension CompiledField {
  /// Whether the published values of the field, in their form, can be told from one another: they leave unchanged, or
  /// as one token each.
  var tellsApart: Bool {
    guard !isDropped, quasiIndex == nil, !isAveraged else { return false }
    let behind = stages.drop { $0.fate.isReadable }
    guard let token = behind.first else { return true }
    return token.tellsApart && behind.dropFirst().allSatisfy { $0 is Null }
  }
}

extension CompiledPipeline {
  /// Whether people are counted, and somebody gets what tells them apart: then all records of a person can be put
  /// together.
  var showsPeople: Bool {
    guard config.countsSubjects else { return false }
    return views.contains { view in
      view.fields.contains { $0.config.path == config.source.subject && $0.tellsApart }
    }
  }
}

extension PipelineConfig {
  /// Whether k counts people and not records.
  var countsSubjects: Bool { anonymity?.count == .subjects && source.subject != nil }
}
