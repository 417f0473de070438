import Foundation
import Testing
import VeilConfig

@testable import VeilEngine

/// What holds for every stage there is: a new one fails here until its documentation and cases exist.
@Suite struct CatalogTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/stages").path

  @Test func namesAreUnique() {
    #expect(Set(Catalog.names).count == Catalog.names.count)
    for name in Catalog.names {
      #expect(name.utf8.allSatisfy { 0x61...0x7A ~= $0 || $0 == 0x5F }, "\(name)")
      #expect(Catalog.stage(named: name)?.documentation.name == name)
    }
    #expect(Catalog.stage(named: "nothing") == nil)
  }

  @Test(arguments: Catalog.names)
  func isDocumented(_ name: String) throws {
    let documentation = try #require(Catalog.stage(named: name)).documentation
    #expect(!documentation.summary.isEmpty && !documentation.promise.isEmpty)
    #expect(documentation.summary.first?.isLowercase == true && documentation.summary.last != ".")
    #expect(documentation.promise.last == "." && !documentation.promise.contains("\n"))
    #expect(Set(documentation.options.map(\.name)).count == documentation.options.count)
    for option in documentation.options {
      #expect(!option.summary.isEmpty && !option.values.isEmpty, "\(option.name)")
    }
    if let shorthand = documentation.shorthand {
      #expect(documentation.options.contains { $0.name == shorthand })
    }
  }

  /// The example is a field's rule that uses the stage, and every stage in it can be made.
  @Test(arguments: Catalog.names)
  func exampleWorks(_ name: String) throws {
    let example = try #require(Catalog.stage(named: name)).documentation.example
    let colon = try #require(example.firstRange(of: ": "))
    let harness = StageHarness(String(example[colon.upperBound...]), field: String(example[..<colon.lowerBound]))
    #expect(harness.errors == [])
    #expect(harness.stages.contains { $0.name == name })
  }

  @Test(arguments: Catalog.names)
  func hasCases(_ name: String) throws {
    let cases = try FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/\(name)")
    let files = try cases.map { try FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/\(name)/\($0)") }
    #expect(files.contains { $0.contains("pipeline.yaml") && $0.contains("input.csv") && $0.contains("expected.csv") })
    #expect(files.contains { $0.contains("input.ndjson") && $0.contains("expected.ndjson") })
  }

  /// Another key, recipient or normalization gives other tokens, in every stage that has a key; the field's name and the
  /// domain do where they are part of the key.
  @Test(arguments: Catalog.names)
  func tokensAreBound(_ name: String) throws {
    let keyed = try #require(Catalog.stage(named: name)).documentation.options.contains { $0.name == "key" }
    guard keyed else { return }
    let extra = name == "date_shift" ? ", days: 36500, by: person" : ""
    let values: [Value] =
      name == "date_shift"
      ? (1000..<1040).map { .text("\($0)-06-15") } : (0..<40).map { .text("49301234567\(10 + $0)") }
    func tokens(
      key: String = "test", more: String = "", field: String = "f", recipient: String = "", normalization: String? = nil
    ) throws -> [Value] {
      var harness = StageHarness("{\(name): {key: \(key)\(extra)\(more)}}", field: field)
      harness.recipient = recipient
      harness.normalization = normalization
      return try harness.run(values)
    }
    let plain = try tokens()
    #expect(try tokens() == plain)
    var others = [
      try tokens(key: "salt"), try tokens(recipient: "a"), try tokens(recipient: "b"),
      try tokens(normalization: "email/v1"), try tokens(normalization: "email/v2"),
    ]
    let options = try #require(Catalog.stage(named: name)).documentation.options.map(\.name)
    if options.contains("domain") { others.append(try tokens(more: ", domain: other")) }
    if options.contains("table") { others.append(try tokens(more: ", table: other")) }
    if name != "date_shift" { others.append(try tokens(field: "g")) }
    let all = [plain] + others
    for (index, one) in all.enumerated() {
      for other in all[(index + 1)...] {
        // A date may by chance move equally far under two keys; a token may not.
        let same = zip(one, other).filter { $0 == $1 }.count
        #expect(same <= (name == "date_shift" ? 1 : 0), "\(name)")
      }
    }
  }

  /// Saved histograms and plans are held against what a stage tells of its key.
  @Test(arguments: Catalog.names)
  func keysAreTold(_ name: String) throws {
    let options = try #require(Catalog.stage(named: name)).documentation.options
    let extra = name == "date_shift" ? ", days: 3, by: person" : ""
    func use(_ more: String = "", field: String = "f", option: String) throws -> KeyUse? {
      let harness = StageHarness("{\(name): {\(option): customers\(extra)\(more)}}", field: field)
      return try #require(harness.stages.first, "\(harness.errors)").keyUse
    }
    guard let option = options.first(where: { $0.values.hasPrefix("a key's name") })?.name else {
      let example = try #require(Catalog.stage(named: name)).documentation.example
      let colon = try #require(example.firstRange(of: ": "))
      let harness = StageHarness(String(example[colon.upperBound...]), field: String(example[..<colon.lowerBound]))
      #expect(harness.stages.allSatisfy { $0.name != name || $0.keyUse == nil })
      return
    }
    let plain = try use(option: option)
    #expect(plain?.key == "customers")
    for bound in ["domain", "table", "field"] where options.contains(where: { $0.name == bound }) {
      #expect(try use(", \(bound): other", option: option)?.domain != plain?.domain, "\(bound)")
    }
  }

  @Test(arguments: Catalog.names)
  func refusesUnknownOptions(_ name: String) {
    #expect(!StageHarness("{\(name): {nonsense: 1}}").errors.isEmpty)
  }

  /// Whatever a stage is made to read, it answers; and nulls stay null but for those that say otherwise.
  @Test(arguments: Catalog.names)
  func takesAnything(_ name: String) throws {
    let example = try #require(Catalog.stage(named: name)).documentation.example
    let colon = try #require(example.firstRange(of: ": "))
    let harness = StageHarness(String(example[colon.upperBound...]), field: String(example[..<colon.lowerBound]))
    let hostile: [Value] = [
      .null, "", " ", "-", "+", ".", "e", "1e", "1e999999999999999999999", "-1e999999999", "1e-999999999", "NaN", "inf",
      .text(String(repeating: "9", count: 5000)), .text("0." + String(repeating: "0", count: 5000) + "1"),
      "0000-00-00", "2024-02-30", "2024-13-01", "2024-01-01T", "2024-01-01T25:00", "2024-01-01 00:00:", "::", ":",
      ":::",
      "1:2:3:4:5:6:7:8:9", "256.0.0.0", "1.2.3", "\u{0}", "\u{10FFFF}", "e\u{301}", "\u{FEFF}", "👩‍👩‍👧", "ß", "Σ",
      .literal("1"), .literal("-0"), .literal("1E400"), .literal("true"), .composite("{\"a\":1}"), .composite("[]"),
    ]
    for json in [false, true] {
      let made = try harness.run(hostile, json: json)
      #expect(made.count == hostile.count)
      if name != "null" { #expect(made[0] == .null) }
    }
  }

  /// What an option says of itself is what is checked: each call of the fixtures, without one of its options.
  @Test(arguments: Catalog.names)
  func presenceIsChecked(_ name: String) throws {
    let documentation = try #require(Catalog.stage(named: name)).documentation
    let calls = try StageFixture.all(of: name).flatMap { fixture in
      fixture.config.fields.flatMap { field in
        field.stages.filter { $0.name == name }.map { (fixture.config, field.path.description, $0) }
      }
    }
    for (config, field, call) in calls {
      guard let entries = call.options?.entries, let mark = call.options?.mark else { continue }
      for entry in entries {
        let option = try #require(documentation.options.first { $0.name == entry.key.text })
        let rest = entries.filter { $0.key.text != option.name }
        let node = ConfigNode(kind: .mapping(rest.map { (key: $0.key, value: $0.value) }), mark: mark, end: mark)
        let diagnostics = Diagnostics(path: config.path, source: [], kind: .pipeline(stages: []))
        _ = Catalog.build(
          StageCall(name: name, options: node, mark: call.mark), field: field, config: config, diagnostics: diagnostics)
        let needs = diagnostics.errors.filter { $0.message.hasPrefix("stage '\(name)' needs") }
        switch option.presence {
        case .required: #expect(needs.count == 1, "\(option.name)")
        case .oneOf(let group):
          let others = rest.filter { group.names.contains($0.key.text ?? "") }
          #expect(needs.isEmpty == !others.isEmpty, "\(option.name)")
        case .optional:
          // Of whom a date is may also be said for the whole pipeline; without that it is needed.
          if name == "date_shift", option.name == "by" { continue }
          #expect(needs.isEmpty, "\(option.name)")
        }
      }
    }
    // Without any option, all that is needed is asked for.
    let asked = StageHarness("{\(name): {}}").errors.filter { $0.hasPrefix("stage '\(name)' needs") }
    let needed = documentation.options.filter { option in
      switch option.presence {
      case .required: true
      case .oneOf(let group): group.names.first == option.name
      case .optional: name == "date_shift" && option.name == "by"
      }
    }
    #expect(asked.count == needed.count, "\(asked)")
    for option in documentation.options {
      switch option.presence {
      case .required(let help): #expect(!help.isEmpty)
      case .oneOf(let group):
        #expect(group.names.contains(option.name) && group.names.count > 1 && !group.help.isEmpty)
        for other in group.names {
          guard case .oneOf(let same)? = documentation.options.first(where: { $0.name == other })?.presence else {
            Issue.record("'\(other)' is in the group of '\(option.name)', and says something else")
            continue
          }
          #expect(same.names == group.names)
        }
      case .optional(let standard, let other):
        #expect(!standard.isEmpty)
        if let other { #expect(documentation.options.contains { $0.name == other }) }
      }
    }
  }
}
