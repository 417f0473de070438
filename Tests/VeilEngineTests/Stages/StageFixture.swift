import Foundation
import Testing
import VeilConfig

@testable import VeilEngine

/// One case of `fixtures/stages`: the rules of its pipeline and the values of its input.
struct StageFixture {
  let config: PipelineConfig
  let records: [[String: Value]]

  static func all(of name: String) throws -> [StageFixture] {
    let folder = "\(CatalogTests.folder)/\(name)"
    let cases = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return try cases.sorted().compactMap { try StageFixture(folder: "\(folder)/\($0)") }
  }

  /// Nil for a case that nothing comes out of.
  init?(folder: String) throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    guard files.contains(where: { ["expected.csv", "expected.ndjson"].contains($0) }) else { return nil }
    let (draft, diagnostics) = PipelineParser.loadDraft(path: "\(folder)/pipeline.yaml", stageNames: Catalog.names)
    config = try #require(draft, "\(diagnostics.errors.map(\.message))")
    records =
      files.contains("input.csv")
      ? Self.csv(try String(contentsOfFile: "\(folder)/input.csv", encoding: .utf8))
      : try Self.ndjson(try String(contentsOfFile: "\(folder)/input.ndjson", encoding: .utf8))
  }

  /// What the stage of that name gets in every rule that has it, and what it makes of that.
  func trials(of name: String) throws -> [StageTrial] {
    try config.fields.flatMap { field -> [StageTrial] in
      let diagnostics = Diagnostics(path: config.path, source: [], kind: .pipeline(stages: []))
      let stages = try field.stages.map { call in
        try #require(
          Catalog.build(call, field: field.path.description, config: config, diagnostics: diagnostics),
          "\(diagnostics.errors.map(\.message))")
      }
      let values = records.compactMap { $0[field.path.description] }
      return try stages.indices.filter { stages[$0].name == name }.map { index in
        let given = try run(Array(stages[..<index]), values).filter { if case .bad = $0 { false } else { true } }
        return try StageTrial(stage: stages[index], options: Self.texts(field.stages[index].options), given: given) {
          try run([stages[index]], $0)
        }
      }
    }
  }

  /// Every single value that options give, at any depth.
  private static func texts(_ node: ConfigNode?) -> [String] {
    switch node?.kind {
    case .scalar(let text, _): [text]
    case .sequence(let items): items.flatMap { texts($0) }
    case .mapping(let entries): entries.flatMap { texts($0.value) }
    case nil: []
    }
  }

  private func run(_ stages: [any Stage], _ values: [Value]) throws -> [Value] {
    stages.isEmpty ? values : try StageHarness(stages: stages, keys: config.keys.map(\.name)).run(values, json: true)
  }

  /// Cells of a file with a header, commas and double quotes; an empty one is null.
  private static func csv(_ text: String) -> [[String: Value]] {
    var rows: [[String]] = [[""]]
    var isQuoted = false
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if isQuoted || scalar == "\"" {
        if scalar != "\"" {
          rows[rows.count - 1][rows[rows.count - 1].count - 1].unicodeScalars.append(scalar)
        } else if isQuoted, rest.first == "\"" {
          rest.removeFirst()
          rows[rows.count - 1][rows[rows.count - 1].count - 1].append("\"")
        } else {
          isQuoted.toggle()
        }
      } else if scalar == "," {
        rows[rows.count - 1].append("")
      } else if scalar == "\n" {
        rows.append([""])
      } else if scalar != "\r" {
        rows[rows.count - 1][rows[rows.count - 1].count - 1].unicodeScalars.append(scalar)
      }
    }
    return rows.dropFirst().filter { $0 != [""] }.map { row in
      Dictionary(uniqueKeysWithValues: zip(rows[0], row.map { $0.isEmpty ? .null : .text($0) }))
    }
  }

  /// The values at the top of each object.
  private static func ndjson(_ text: String) throws -> [[String: Value]] {
    try text.split(separator: "\n").map { line in
      var reading = JSONLine(line)
      return try reading.members()
    }
  }
}

/// Reads the members of one JSON object, numbers as they are written, which Foundation does not tell.
private struct JSONLine {
  private let bytes: [UInt8]
  private var at = 0

  init(_ line: Substring) { bytes = Array(line.utf8) + [0] }

  mutating func members() throws -> [String: Value] {
    var members: [String: Value] = [:]
    try #require(next() == UInt8(ascii: "{"))
    while next(isPeek: true) == UInt8(ascii: "\"") {
      let name = try text(of: value())
      try #require(next() == UInt8(ascii: ":"))
      let written = value()
      members[name] =
        switch written.first {
        case UInt8(ascii: "\""): .text(try text(of: written))
        case UInt8(ascii: "{"), UInt8(ascii: "["): .composite(String(decoding: written, as: UTF8.self))
        case UInt8(ascii: "n"): .null
        default: .literal(String(decoding: written, as: UTF8.self))
        }
      if next(isPeek: true) == UInt8(ascii: ",") { _ = next() }
    }
    try #require(next() == UInt8(ascii: "}"))
    return members
  }

  /// The next byte that is no space.
  private mutating func next(isPeek: Bool = false) -> UInt8 {
    while bytes[at] == UInt8(ascii: " ") || bytes[at] == UInt8(ascii: "\r") { at += 1 }
    defer { if !isPeek, at < bytes.count - 1 { at += 1 } }
    return bytes[at]
  }

  /// The bytes of the next value, as they are written.
  private mutating func value() -> [UInt8] {
    _ = next(isPeek: true)
    let start = at
    var depth = 0
    var isText = false
    while bytes[at] != 0 {
      let byte = bytes[at]
      if isText {
        if byte == UInt8(ascii: "\\") { at += 1 }
        isText = byte != UInt8(ascii: "\"")
      } else if byte == UInt8(ascii: "\"") {
        isText = true
      } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
        depth += 1
      } else if depth == 0, [UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "}"), UInt8(ascii: " ")].contains(byte)
      {
        break
      } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
        depth -= 1
      }
      at += 1
    }
    return Array(bytes[start..<at])
  }

  private func text(of written: [UInt8]) throws -> String {
    try #require(try JSONSerialization.jsonObject(with: Data(written), options: .fragmentsAllowed) as? String)
  }
}
