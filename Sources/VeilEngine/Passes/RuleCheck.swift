import VeilConfig
import VeilGround

/// Whether every rule of a pipeline was met. A JSON record names its own fields, so a misspelt rule is one that no
/// record meets.
enum RuleCheck {
  /// Adds up what the threads of a pass counted, for each view; nil for CSV.
  static func sum(_ works: [StationWork]) -> [RuleCounts?] {
    guard let first = works.first else { return [] }
    return first.views.indices.map { view in
      works.reduce(into: nil as RuleCounts?) { sum, work in
        guard let counts = work.views[view].steps.ruleCounts else { return }
        sum?.add(counts)
        sum = sum ?? counts
      }
    }
  }

  /// Returns the fields that no record has, where each of them must be in one. An input without records has none to
  /// miss.
  static func unmet(_ counts: RuleCounts?, _ layout: Layout) -> [FieldPlan] {
    guard let counts, counts.records > 0 else { return [] }
    return zip(layout.fields, counts.met).filter { $0.1 == 0 && (!$0.0.isOptional || $0.0.isLookedAt) }.map(\.0)
  }

  /// Throws where a rule was met by no record of any input file.
  static func require(_ counts: [RuleCounts?], _ layouts: [Layout], in file: String) throws(RunError) {
    var fields: [FieldPlan] = []
    for (count, layout) in zip(counts, layouts) {
      for field in unmet(count, layout) where !fields.contains(where: { $0.path == field.path }) {
        fields.append(field)
      }
    }
    guard !fields.isEmpty else { return }
    let problems = fields.map {
      "no record has a field '\($0.path)', which the pipeline names"
        + ($0.isLookedAt ? "" : ": correct the name, or say  optional: true  if it may be missing")
    }
    throw RunError(.mismatch, "\(file): the input's fields do not match the pipeline\n  " + ShownName.list(problems))
  }
}
