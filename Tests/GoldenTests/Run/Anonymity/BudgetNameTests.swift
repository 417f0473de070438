import Foundation
import Testing

/// Names in the file of a privacy budget say nothing but who got a release.
@Suite struct BudgetNameTests {
  private func pipeline(_ recipient: String) -> String {
    """
    version: 1
    name: counts
    source: {path: in.csv, subject: id}
    fields: {id: drop, city: keep}
    sink:
      path: out.csv
      recipient: \(recipient)
      aggregate:
        by: [city]
        measures: {people: {count: people}}
        epsilon: 1
        delta: 0.0001
        per_person: {groups: 1, records: 1}
        budget: budget.yaml

    """
  }

  @Test(arguments: [
    #"'x", epsilon: 0.000001, delta: 0} #'"#, #"'a "friend"'"#, "\"line\\nbreak\"", "'{a: b}'", #"'back\slash'"#,
    "'tab\there'",
  ])
  func threeReleasesAreThree(_ recipient: String) throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "id,city\n1,Paris\n2,Rome\n")
    try scratch.write("budget.yaml", "version: 1\nepsilon: 3\ndelta: 0.001\nspent:\n")
    try scratch.write("p.yaml", pipeline(recipient))
    let statuses = try (0..<5).map { _ in try scratch.veil("run p.yaml").status }
    let told = try scratch.veil("run p.yaml").stderr
    if statuses[0] == 2 {
      #expect(told.contains("recipient"), "a name that is refused is never written: \(told)")
      return
    }
    #expect(statuses == [0, 0, 0, 1, 1], "\(told)")
  }
}
