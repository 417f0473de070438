import Foundation
import Testing

/// Nights in which nothing happens, and feeds that are dead.
@Suite struct QuietNightTests {
  private let pipeline = TestPipeline(
    source: "{path: in}", sink: "{path: \"out/{stem}.csv\"}", fields: ["name: {pseudonym: {key: test}}"],
    unlisted: "error", more: ["state: night.state", "bad_records: {action: skip, limit: 1}"])

  private func night(_ scratch: Scratch, _ arguments: [String]) throws -> Outcome {
    try scratch.write("pipeline.yaml", pipeline.text)
    return try Veil.run(
      ["run", "pipeline.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
  }

  @Test(arguments: [[], ["--log", "json"], ["--log", "text"], ["--progress", "always"]])
  func aNightWithNothingToSaySaysNothing(_ more: [String]) throws {
    let scratch = try Scratch()
    try scratch.write("in/a.csv", "name\nAda\n")
    for _ in 0..<2 {
      let outcome = try night(scratch, ["--quiet"] + more)
      #expect(outcome.status == 0 && outcome.stderr.isEmpty && outcome.stdout.isEmpty, "\(outcome.stderr)")
    }
    // What is wrong is said.
    try scratch.write("in/b.csv", "name\nBob\nx,y\n")
    let skipped = try night(scratch, ["--quiet"] + more)
    #expect(skipped.status == 0 && skipped.stderr.contains("skipped in/b.csv"), "\(skipped.stderr)")
    #expect(!skipped.stderr.contains("wrote"))
    try scratch.write("in/c.csv", "nom\nBob\n")
    #expect(try night(scratch, ["--quiet"] + more).stderr.contains("in/c.csv"))
  }

  private func metric(_ scratch: Scratch, _ name: String) throws -> Int? {
    try scratch.text("m.prom").firstMatch(
      of: try Regex("(?m)^\(name)\\{[^}]*\\} ([0-9]+)$", as: (Substring, Substring).self)
    )
    .flatMap { Int($0.output.1) }
  }

  /// An empty folder and a folder of published files are the same night; the metrics tell a feed that is dead.
  @Test func aDeadFeedIsSeen() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.path("in"), withIntermediateDirectories: false)
    let options = ["--metrics", "m.prom"]
    let empty = try night(scratch, options)
    #expect(
      empty.status == 0 && empty.stderr.contains("nothing new: no data file is in the folder in"), "\(empty.stderr)")
    #expect(empty.stderr.contains("warning") && empty.stderr.contains("is that where the inputs come?"))
    #expect(try metric(scratch, "veil_run_new_inputs") == 0)
    #expect(try metric(scratch, "veil_run_newest_input_timestamp_seconds") == nil)

    for (name, age) in [("a", 5000.0), ("b", 9000)] {
      try scratch.write("in/\(name).csv", "name\nAda\n")
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000 - age)],
        ofItemAtPath: scratch.path("in/\(name).csv"))
    }
    #expect(try night(scratch, options).status == 0)
    #expect(try metric(scratch, "veil_run_new_inputs") == 2)
    #expect(try metric(scratch, "veil_run_newest_input_timestamp_seconds") == 1_699_995_000)
    #expect(try night(scratch, options).status == 0)
    #expect(try metric(scratch, "veil_run_new_inputs") == 0)
    // The time outlasts the files: whoever clears the folder hides no dead feed.
    for name in ["a", "b"] { try FileManager.default.removeItem(atPath: scratch.path("in/\(name).csv")) }
    let cleared = try night(scratch, options + ["--quiet"])
    #expect(cleared.status == 0 && cleared.stderr.isEmpty, "\(cleared.stderr)")
    #expect(try metric(scratch, "veil_run_newest_input_timestamp_seconds") == 1_699_995_000)
    // A folder that is not there is an error, also in the first night.
    try FileManager.default.removeItem(atPath: scratch.path("in"))
    #expect(try night(scratch, options).status == 3)
  }
}
