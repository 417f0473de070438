import Foundation

/// The files of this repository that tests read.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .path

  static func path(_ name: String) -> String { "\(root)/\(name)" }

  static func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

  static func text(_ name: String) throws -> String { String(decoding: try data(name), as: UTF8.self) }

  static func support(_ script: String) -> String { path("Tests/GoldenTests/Support/Scripts/\(script)") }

  /// Names in a folder, sorted; none if there is no such folder.
  static func list(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }
}

/// The keys of the tests: 32 bytes that everybody may know.
enum TestKey {
  static let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
  static let saltHex = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
  static let environment = ["VEIL_TEST_KEY": "hex:\(hex)", "VEIL_KEY": "hex:\(hex)"]
}

/// A pipeline of `in.csv` to `out.csv`, unless said otherwise, that keeps every field no rule names.
struct TestPipeline {
  var source = "{path: in.csv}"
  var sink = "{path: out.csv}"
  var fields: [String] = []
  var unlisted = "keep"
  var more: [String] = []

  var text: String {
    var lines = ["version: 1", "name: test", "source: \(source)", "keys:", "  test: {env: VEIL_TEST_KEY}"]
    if !fields.isEmpty { lines += ["fields:"] + fields.map { "  " + $0 } }
    lines += ["unlisted: \(unlisted)", "sink: \(sink)"] + more
    return lines.joined(separator: "\n") + "\n"
  }

  static func ndjson(fields: [String] = []) -> TestPipeline {
    TestPipeline(source: "{path: in.ndjson}", sink: "{path: out.ndjson}", fields: fields)
  }
}

extension Scratch {
  /// Writes the pipeline and its input (`in.csv`, or as named), and runs it in this folder.
  func run(
    _ pipeline: TestPipeline, on input: Data, named name: String = "in.csv", arguments: [String] = [],
    environment: [String: String] = [:]
  ) throws -> Outcome {
    try write("pipeline.yaml", pipeline.text)
    try write(name, input)
    return try Veil.run(
      ["run", "pipeline.yaml"] + arguments, environment: TestKey.environment.merging(environment) { $1 },
      directory: root)
  }

  func run(_ pipeline: TestPipeline, on input: String, named name: String = "in.csv") throws -> Outcome {
    try run(pipeline, on: Data(input.utf8), named: name)
  }
}
