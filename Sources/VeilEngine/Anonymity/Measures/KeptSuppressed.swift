import VeilConfig
import VeilGround

/// Suppressed records that stay in a release (`suppressed: keep`), with `*` in every quasi-identifier.
///
/// They say nothing about their quasi-identifiers, so they never count among the records that hide others. But a person
/// who knows everybody's quasi-identifiers also knows who is in no other class. To this person the suppressed records
/// are a class of their own. That class is measured like any other, and reported if it does not keep what the others
/// promise. ARX publishes such records, too, and leaves them out of its risk figures.
struct KeptSuppressed: Sendable {
  let records: Int
  let people: Int
  let k: Int
  /// The results of the models for these records as one class.
  let findings: [ModelFinding]

  /// Returns nil if suppressed records do not stay, or if none was suppressed.
  init?(
    _ own: MeasuredClass, records: Int, judged: [[[UInt8]: Int]], anonymity: AnonymityConfig, measure: ModelMeasure
  ) throws(RunError) {
    guard anonymity.suppressed == .keep, records > 0 else { return nil }
    self.records = records
    people = own.people
    k = anonymity.k
    findings = try measure.findings([own], wholes: [judged], outside: 0, several: [])
  }

  var isBelowK: Bool { people < k }
  var broken: [ModelFinding] { findings.filter { !$0.holds } }

  /// Returns a warning for the publisher; nil if these records keep all that other classes keep.
  func warning(countsSubjects: Bool) -> String? {
    var found: [String] = []
    if isBelowK { found.append("they are \(people) \(countsSubjects ? "people" : "records"), and k is \(k)") }
    found += broken.map(\.text)
    guard !found.isEmpty else { return nil }
    return "\(records) suppressed records stay, and are no class that keeps the promises of the others: "
      + found.joined(separator: "; ")
      + ". Who knows everybody's quasi-identifiers knows who they are: use 'suppressed: drop' where that matters, or the "
      + "check 'k'"
  }

  var manifest: JSONValue {
    .object([
      ("records", .integer(records)), ("people", .integer(people)), ("below_k", .bool(isBelowK)),
      ("models_not_met", .array(broken.map { .text($0.name) })),
    ])
  }
}
