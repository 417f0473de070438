import VeilConfig
import VeilCrypto

/// The form that a subject is brought to before people are told apart by it: spellings that its own stages make one are
/// one person, as whoever gets the export sees it.
///
/// That is what stands in front of the first stage that makes tokens or leaves less than the whole value. Behind that one
/// different people may look the same, and one person different.
struct SubjectForm: Sendable {
  let stages: [any Stage]
  private let calls: [StageCall]

  static let asItCame = SubjectForm()

  private init() { (stages, calls) = ([], []) }

  init(of field: CompiledField) {
    stages = field.isDropped ? [] : Array(field.stages.prefix { $0.fate.isReadable })
    calls = Array(field.config.stages.prefix(stages.count))
  }

  /// As the pipeline writes it: `trim, lowercase`, and a digest where stages have options; empty without stages.
  var text: String {
    let names = calls.map(\.name).joined(separator: ", ")
    return calls.contains { $0.options != nil } ? "\(names) (\(StageCall.digest(of: calls).prefix(16)))" : names
  }

  /// Whether this form goes on from where the other one ends, so that it makes one whatever the other does.
  fileprivate func goesOn(from other: SubjectForm) -> Bool {
    other.calls.count <= calls.count
      && StageCall.digest(of: Array(calls.prefix(other.calls.count))) == StageCall.digest(of: other.calls)
  }

  /// The one form for all sinks, since a record is in the same class for each of them: the longest, which all others are
  /// the beginning of.
  static func add(to pipeline: inout CompiledPipeline, _ diagnostics: Diagnostics) {
    let config = pipeline.config
    guard let subject = config.source.subject else { return }
    func field(_ view: CompiledPipeline) -> CompiledField? {
      view.fields.first { $0.config.path == subject && !$0.isDropped }
    }
    var fields = pipeline.views.compactMap(field)
    // Where it leaves to nobody, its own rule still says which spellings are one.
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
  /// Whether what leaves of the field tells its values, in their form, from one another: they leave as they are, or as one
  /// token each.
  var tellsApart: Bool {
    guard !isDropped, quasiIndex == nil, !isAveraged else { return false }
    let behind = stages.drop { $0.fate.isReadable }
    guard let token = behind.first else { return true }
    return token.tellsApart && behind.dropFirst().allSatisfy { $0 is Null }
  }
}

extension PipelineConfig {
  /// Whether k is a number of people, not of records.
  var countsSubjects: Bool { anonymity?.count == .subjects && source.subject != nil }
}
