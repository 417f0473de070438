import Foundation
import Testing
import VeilConfig

@testable import VeilEngine

/// What a stage says of itself, held against what it does to the values of its fixtures: a stage that changes values and
/// says that they are left as they came fails here, and so does one for whose output `veil verify` would take its input.
@Suite struct PrivacyFactTests {
  /// One value of a fixture, and what the stage makes of it.
  struct Step {
    let stage: any Stage
    let given: Value
    let made: Value
    /// What the stage makes of its own input again, or of any other value.
    let again: ([Value]) throws -> [Value]
  }

  @Test(arguments: Catalog.names)
  func factsAreTrueOfTheFixtures(_ name: String) throws {
    let steps = try StageFixture.all(of: name).flatMap { try $0.steps(of: name) }
    try #require(!steps.isEmpty, "'\(name)' has no fixture with a value: nothing that it says of itself is tested")
    let written = Set(steps.compactMap { text($0.made).map { Array($0.utf8) } })
    for step in steps {
      let stage = step.stage
      switch stage.effect {
      case .keep: #expect(isSame(step.made, step.given) && stage.fate == .readable, "\(step.given)")
      case .drop: #expect(step.made == .null && stage.fate == .nothing, "\(step.given)")
      case .rewrite: break
      }
      // A stage that fills in what is empty changes no value.
      if isChange(step) {
        #expect(
          stage.fate != .readable, "\(name) makes \(step.made) of \(step.given), and says that it is left as it came")
      }
      if let made = text(step.made) { try expectOwn(made, step) }
      if let given = text(step.given) { try expectStranger(given, step, written) }
    }
    // A stage that takes whatever there is for its own shows nothing.
    if steps[0].stage.effect == .rewrite, !steps.contains(where: { verdict($0.stage, "") == .passedOn }) {
      let isRefused = steps.contains { step in text(step.given).map { verdict(step.stage, $0) == .no } ?? false }
      #expect(isRefused, "'\(name)' takes every value of its fixtures for one that it could have written")
    }
    // Its input has to differ from its output somewhere, or the fixtures show nothing.
    if steps[0].stage.effect == .rewrite {
      #expect(steps.contains { !isSame($0.made, $0.given) }, "no fixture of '\(name)' shows that it does anything")
    }
  }

  /// The stage takes what it has written for its own.
  private func expectOwn(_ made: String, _ step: Step) throws {
    switch verdict(step.stage, made) {
    case .yes: break
    case .no: Issue.record("\(step.stage.name) wrote \"\(made)\", and says that it could not")
    case .passedOn:
      #expect(isSame(step.made, step.given), "\(step.stage.name) changed \(step.given), and says it passed it on")
    case .unknown(let reason): try expectUnknown(reason, step)
    }
  }

  /// The stage refuses what came, unless it could have written that: it leaves it as it is, it has written it elsewhere, or
  /// every value that it takes is also one that it makes of another, as tokens with the look of values and moved dates are.
  private func expectStranger(_ given: String, _ step: Step, _ written: Set<[UInt8]>) throws {
    let stage = step.stage
    switch verdict(stage, given) {
    case .no: break
    case .yes:
      let isLeft = isSame(step.made, step.given)
      let isPermuted = [.reversible, .moved].contains(stage.fate)
      #expect(
        isLeft || written.contains(Array(given.utf8)) || isPermuted,
        "\(stage.name) makes \(step.made) of \"\(given)\", and takes that for its output: `verify` would let it pass")
    case .passedOn:
      #expect(isSame(step.made, step.given), "\(stage.name) passes \"\(given)\" on, and makes \(step.made) of it")
    case .unknown(let reason): try expectUnknown(reason, step)
    }
  }

  /// That a stage cannot tell takes a reason, and that it does leave as it is what nobody would write.
  private func expectUnknown(_ reason: String, _ step: Step) throws {
    #expect(!reason.isEmpty)
    let odd: Value = "\u{1} Ünlikely \u{301}: <7"
    #expect(
      try step.again([odd]) == [odd],
      "\(step.stage.name) cannot tell what it wrote, and changes what nobody would write")
  }

  private func isChange(_ step: Step) -> Bool {
    if case .bad = step.made { return false }
    return step.given != .null && !isSame(step.made, step.given)
  }

  /// Byte by byte: Swift's strings are equal where only their normalization differs.
  private func isSame(_ a: Value, _ b: Value) -> Bool { "\(a)".utf8.elementsEqual("\(b)".utf8) }

  private func verdict(_ stage: any Stage, _ text: String) -> StageVerdict {
    stage.couldHaveWritten(Array(text.utf8).span)
  }

  private func text(_ value: Value) -> String? {
    switch value {
    case .text(let text), .literal(let text): text
    case .null, .composite, .bad: nil
    }
  }

  /// The forms that are not their own forms are told from those that nothing has.
  @Test func oddFormsAreKnown() throws {
    func isForm(_ rule: String, _ text: String) throws -> Bool {
      verdict(try #require(StageHarness(rule).stages.first), text) == .yes
    }
    // J and a caron are two characters in Normalization Form C, j and a caron one.
    try expect("{normalize: email/v1}", [("J\u{30C}an@x.de", "j\u{30C}an@x.de")])
    #expect(try isForm("{normalize: email/v1}", "j\u{30C}an@x.de"))
    #expect(try isForm("{normalize: email/v1}", "\u{1F0}an@x.de"))
    #expect(try !isForm("{normalize: email/v1}", "e\u{301}@x.de"))
    #expect(try !isForm("{normalize: email/v1}", "Ann@x.de"))
    #expect(try !isForm("{normalize: {as: email/v1, provider_rules: true}}", "a.b@gmail.com"))
    // Of two zeros behind the country code one goes.
    try expect("{normalize: phone/v1}", [("+49 00 301234567", "+490301234567")])
    #expect(try isForm("{normalize: phone/v1}", "+490301234567"))
    #expect(try isForm("{normalize: phone/v1}", "+49301234567"))
    #expect(try !isForm("{normalize: phone/v1}", "+49 30 1234567"))
    #expect(try !isForm("{normalize: phone/v1}", "030 1234567"))
  }

  /// Doing it again changes nothing, for every character there is: `couldHaveWritten` rests on it.
  @Test(arguments: ["lowercase", "uppercase", "digits", "trim", "nfc"])
  func normalizersAreIdempotent(_ name: String) throws {
    let harness = StageHarness(name)
    let scalars = (0..<0x11_0000 as Range<UInt32>).compactMap { Unicode.Scalar($0) }.filter { scalar in
      let properties = scalar.properties
      return scalar.isASCII || properties.changesWhenLowercased || properties.changesWhenUppercased
        || properties.isWhitespace || properties.numericType != nil
        || properties.canonicalCombiningClass != .notReordered
        || properties.isFullCompositionExclusion
    }
    let values = scalars.map { Value.text("aΣ\($0)b") } + scalars.map { .text("\($0)") }
    let once = try harness.run(values, json: true)
    let wrong = zip(once, try harness.run(once, json: true)).filter { !isSame($0, $1) }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
  }
}

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
  func steps(of name: String) throws -> [PrivacyFactTests.Step] {
    try config.fields.flatMap { field -> [PrivacyFactTests.Step] in
      let diagnostics = Diagnostics(path: config.path, source: [])
      let stages = try field.stages.map { call in
        try #require(
          Catalog.build(call, field: field.path.description, config: config, diagnostics: diagnostics),
          "\(diagnostics.errors.map(\.message))")
      }
      let values = records.compactMap { $0[field.path.description] }
      return try stages.indices.filter { stages[$0].name == name }.flatMap { index in
        let given = try run(Array(stages[..<index]), values).filter { if case .bad = $0 { false } else { true } }
        let made = try run([stages[index]], given)
        return zip(given, made).map { given, made in
          PrivacyFactTests.Step(stage: stages[index], given: given, made: made) { try run([stages[index]], $0) }
        }
      }
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

  /// Texts and nulls at the top of each object; how other values are written does not survive Foundation.
  private static func ndjson(_ text: String) throws -> [[String: Value]] {
    text.split(separator: "\n").compactMap { line in
      guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { return nil }
      return object.compactMapValues { value in
        value is NSNull ? .null : (value as? String).map { .text($0) }
      }
    }
  }
}
