import Foundation
import Testing

/// Saved histograms and plans are held against what stages take from outside the pipeline's text: keys and tables. And a
/// release before may have had more levels than today's data.
@Suite struct PlanBasisTests {
  private func veil(_ scratch: Scratch, key: String = TestKey.hex, _ arguments: String, status: Int32 = 0) throws {
    let outcome = try Veil.run(
      arguments.split(separator: " ").map { String($0) }, environment: ["VEIL_TEST_KEY": "hex:\(key)"],
      directory: scratch.root)
    #expect(outcome.status == status, "\(arguments)\n\(outcome.stderr)")
    guard status == 4 else { return }
    let words = outcome.stderr.contains("use (keys, files, recipient) is not what it was")
    #expect(words && outcome.stderr.contains("was made for another pipeline"), "\(outcome.stderr)")
  }

  /// The same pipeline under another key makes other tokens: what was observed of both cannot be joined.
  @Test(arguments: ["{pseudonym: {key: test}}", "{hash: {salt: test}}", "{encrypt: {key: test}}"])
  func anotherKeyIsAnotherPipeline(_ stage: String) throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: ["age: {class: quasi}", "d: {class: sensitive, stages: [\(stage)]}"], unlisted: "error",
      more: ["anonymity: {k: 2, l: {d: 2}}"])
    try scratch.write("p.yaml", pipeline.text)
    try scratch.write("in.csv", "age,d\n31,flu\n31,flu\n31,cold\n")
    try veil(scratch, "anonymize observe p.yaml --output a.hist")
    try veil(scratch, key: TestKey.saltHex, "anonymize observe p.yaml --output b.hist")
    try veil(scratch, "anonymize merge a.hist b.hist --output x.hist", status: 4)
    try veil(scratch, "anonymize decide p.yaml b.hist --output x.plan", status: 4)
    try veil(scratch, "anonymize decide p.yaml a.hist --output a.plan")
    try veil(scratch, key: TestKey.saltHex, "run p.yaml --plan a.plan", status: 4)
    #expect(!scratch.exists("x.hist") && !scratch.exists("x.plan") && !scratch.exists("out.csv"))
    try veil(scratch, "run p.yaml --plan a.plan")
    #expect(scratch.exists("out.csv"))
  }

  /// A table that was changed puts other records into a group.
  @Test func anotherTableIsAnotherPipeline() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: ["town: {class: quasi, stages: [{map: {file: m.csv}}]}", "v: keep"], unlisted: "error",
      more: ["anonymity: {k: 2}"])
    try scratch.write("p.yaml", pipeline.text)
    try scratch.write("next.yaml", pipeline.text.replacing("k: 2", with: "k: 2, previous: a.plan"))
    try scratch.write("in.csv", "town,v\nUlm,1\nUlm,2\n")
    try scratch.write("m.csv", "Ulm,S\nBonn,N\n")
    try veil(scratch, "anonymize observe p.yaml --output a.hist")
    try veil(scratch, "anonymize decide p.yaml a.hist --output a.plan")
    try scratch.write("m.csv", "Ulm,N\nBonn,S\n")
    try veil(scratch, "anonymize observe p.yaml --output b.hist")
    try veil(scratch, "anonymize merge a.hist b.hist --output x.hist", status: 4)
    try veil(scratch, "anonymize decide p.yaml a.hist b.hist --output x.plan", status: 4)
    try veil(scratch, "run p.yaml --plan a.plan", status: 4)
    try veil(scratch, "run next.yaml", status: 4)
    #expect(!scratch.exists("x.hist") && !scratch.exists("x.plan") && !scratch.exists("out.csv"))
    try scratch.write("m.csv", "Ulm,S\nBonn,N\n")
    try veil(scratch, "run next.yaml")
  }

  /// Automatic intervals have as many levels as the data needs: a class of before may have had a higher one than there is.
  @Test(arguments: ["local", "global", "local, l: {v: 2}"])
  func fewerLevelsThanBefore(_ recoding: String) throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: [
        "age: {class: quasi, hierarchy: {interval: auto}}", "g: {class: quasi}",
        "v: {class: sensitive, stages: [keep]}",
      ], unlisted: "error", more: ["anonymity: {k: 3, recoding: \(recoding)}"])
    try scratch.write("p.yaml", pipeline.text)
    try scratch.write("next.yaml", pipeline.text.replacing("k: 3", with: "k: 3, previous: old.plan"))
    let rows = (0..<50).map { "\($0),m,\($0 % 2)" } + ["0,f,1", "1,f,2", "49,f,1"]
    try scratch.write("in.csv", "age,g,v\n" + rows.joined(separator: "\n") + "\n")
    try veil(scratch, "run p.yaml --save-plan old.plan")
    let few = (0..<8).map { "\($0 % 2),\($0 < 4 ? "m" : "f"),\($0 / 2 % 2)" }
    try scratch.write("in.csv", "age,g,v\n" + few.joined(separator: "\n") + "\n")
    try veil(scratch, "run next.yaml --output now.csv --save-plan now.plan")
    try veil(scratch, "anonymize observe next.yaml --output all.hist")
    try veil(scratch, "anonymize decide next.yaml all.hist --output decided.plan")
    #expect(try scratch.data("now.plan") == scratch.data("decided.plan"))
    try veil(scratch, "verify now.csv --pipeline next.yaml")
  }

  /// A number of values that no class can have is a promise that cannot be met.
  @Test(arguments: ["local", "global"])
  func moreDiversityThanThereCanBe(_ recoding: String) throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      fields: ["age: {class: quasi}", "d: {class: sensitive, stages: [keep]}"], unlisted: "error",
      more: ["anonymity: {k: 2, recoding: \(recoding), suppress: 50%, l: {d: {entropy: 1e30}}}"])
    try scratch.write("p.yaml", pipeline.text)
    try scratch.write("in.csv", "age,d\n31,flu\n31,cold\n40,flu\n40,cold\n")
    try veil(scratch, "run p.yaml", status: 1)
    #expect(!scratch.exists("out.csv"))
  }
}
