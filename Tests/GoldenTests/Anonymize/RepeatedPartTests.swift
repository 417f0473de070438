import Foundation
import Testing

/// A partition that is joined twice would count twice, and a class of k records would hold half as many.
@Suite struct RepeatedPartTests {
  private func prepared() throws -> Scratch {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: ["age: {class: quasi, hierarchy: {interval: {width: 10, levels: 2}}}", "v: keep"], unlisted: "error",
      more: ["anonymity: {k: 4}"])
    try scratch.write("p.yaml", pipeline.text)
    try scratch.write("a.csv", "age,v\n31,a\n32,b\n41,c\n42,d\n")
    try scratch.write("b.csv", "age,v\n33,a\n34,b\n43,c\n44,d\n")
    for name in ["a", "b"] {
      #expect(try scratch.veil("anonymize observe p.yaml --input \(name).csv --output \(name).hist").status == 0)
    }
    return scratch
  }

  @Test(arguments: [
    "a.hist a.hist", "a.hist b.hist a.hist", "a.hist copy.hist", "all.hist b.hist", "all.hist all.hist",
  ])
  func isRefused(_ names: String) throws {
    let scratch = try prepared()
    try scratch.copy(scratch.path("a.hist"), to: "copy.hist")
    #expect(try scratch.veil("anonymize merge a.hist b.hist --output all.hist").status == 0)
    for command in ["decide p.yaml \(names) --output p.plan", "merge \(names) --output x.hist"] {
      let outcome = try scratch.veil("anonymize \(command)")
      #expect(outcome.status == 4 && outcome.stderr.contains("would count twice"), "\(command): \(outcome.stderr)")
    }
    #expect(!scratch.exists("p.plan") && !scratch.exists("x.hist"))
  }

  @Test func differentPartsAreJoined() throws {
    let scratch = try prepared()
    let outcome = try scratch.veil("anonymize decide p.yaml a.hist b.hist --output p.plan")
    #expect(outcome.status == 0 && outcome.stderr.contains("8 records: k=4 met"), "\(outcome.stderr)\(outcome.text)")
  }

  /// A histogram of version 0.1.0 has no id.
  @Test func oneWithoutIdIsRefused() throws {
    let scratch = try prepared()
    var bytes = try scratch.data("a.hist")
    let line = Data("veil-histogram/v2".utf8)
    bytes.replaceSubrange(0..<line.count, with: Data("veil-histogram/v1".utf8))
    try scratch.write("old.hist", bytes)
    let outcome = try scratch.veil("anonymize decide p.yaml old.hist --output p.plan")
    #expect(outcome.status == 3 && outcome.stderr.contains("observe its records again"), "\(outcome.stderr)")
  }
}
