import Foundation
import Testing

@testable import VeilConfig

let stageNames = [
  "keep", "drop", "constant", "trim", "lowercase", "uppercase", "nfc", "digits", "mask", "hash", "pseudonym",
  "truncate", "bucket", "round", "clamp", "map", "null",
]

let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

func read(_ text: String) -> (root: ConfigNode?, diagnostics: Diagnostics) {
  let diagnostics = Diagnostics(path: "p.yaml", source: Array(text.utf8), kind: .pipeline(stages: []))
  return (YAMLDocument.read(Array(text.utf8), diagnostics: diagnostics), diagnostics)
}

func parse(_ text: String) -> (config: PipelineConfig?, diagnostics: Diagnostics) {
  PipelineParser.parse(text: text, path: "folder/p.yaml", stageNames: stageNames)
}

/// `line:column message [help]` of each error.
func told(_ diagnostics: Diagnostics) -> [String] {
  diagnostics.errors.map { error in
    let place = error.mark.map { "\($0.line):\($0.column) " } ?? ""
    return place + error.message + (error.help.map { " [\($0)]" } ?? "")
  }
}

/// A pipeline with nothing wrong, and `text` in place of (or after) its own sections.
func errors(_ text: String, fields: String? = "fields: {a: keep}") -> [String] {
  let file = "version: 1\nname: x\n" + (fields.map { $0 + "\n" } ?? "") + text
  return told(parse(file).diagnostics)
}

func config(_ text: String, fields: String? = "fields: {a: keep}") throws -> PipelineConfig {
  let (config, diagnostics) = parse("version: 1\nname: x\n" + (fields.map { $0 + "\n" } ?? "") + text)
  return try #require(config, "\(diagnostics.render())")
}
