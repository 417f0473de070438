import Foundation
import Testing
import VeilConfig

@testable import VeilAnonymity
@testable import VeilEngine

@Suite("Attack: which labels cover a value")
struct LabelIndexTests {
  private func covers(_ label: String, _ value: String, _ rule: LeafRule? = nil) -> Bool {
    !LabelIndex([Array(label.utf8)], rule: rule).covering(Array(value.utf8)).isEmpty
  }

  @Test(
    "A label covers by its form",
    arguments: [
      ("*", ["", "x"], []), ("x", ["x"], ["", "xx"]), ("", [""], ["x"]),
      ("[20, 30)", ["20", "29.9"], ["30", "19.99", "x", ""]), ("[-5, 0)", ["-5", "-0.1"], ["0"]),
      ("20-29", ["20", "29"], ["30", "19"]), ("<20", ["-3", "19"], ["20"]), (">=80", ["80", "1e"], []),
      ("{a, b}", ["a", "b"], ["c", "a, b"]), ("2024-03", ["2024-03-17"], ["2024-04-01", "2024"]),
      ("2024-Q1", ["2024-03-17T10:00"], ["2024-04-01"]), ("2020s", ["2024-03-17"], ["2019-12-31"]),
      ("2000-2099", ["2024-03-17"], ["1999-12-31"]), ("101**", ["10115"], ["1011", "10215", "101150"]),
      ("192.0.2.0/24", ["192.0.2.7"], ["192.0.3.7"]), ("2001:db8::/32", ["2001:db8::1"], ["2001:db9::1"]),
    ] as [(String, [String], [String])])
  func byForm(_ label: String, _ covered: [String], _ others: [String]) {
    for value in covered where value != "1e" { #expect(covers(label, value), "\(label) \(value)") }
    for value in others { #expect(!covers(label, value), "\(label) \(value)") }
  }

  private struct Case {
    let spec: HierarchySpec
    let values: [String]
    /// Whether labels can be read without the hierarchy.
    let hasForm: Bool
  }

  private static func cases() -> [Case] {
    var random = AttackRandom(seed: 7, stream: 7)
    func some(_ make: (Int) -> String) -> [String] {
      Array(Set((0..<60).map { _ in make(Int.random(in: 0..<100_000, using: &random)) })).sorted() + [""]
    }
    let numbers = some { "\($0 % 2 == 0 ? "" : "-")\($0 / 100).\($0 % 10)" }
    return [
      Case(
        spec: .date([.day, .month, .quarter, .year, .decade, .century]),
        values: some { "\(1890 + $0 % 150)-\(String(101 + $0 % 12).dropFirst())-\(10 + $0 % 18)" }, hasForm: true),
      Case(spec: .prefix(6), values: some { "\($0)é" }, hasForm: true),
      Case(spec: .interval(width: 2.5, levels: 5, origin: 1), values: numbers, hasForm: true),
      Case(spec: .autoInterval(.equalFrequency, levels: 4, k: 2), values: numbers, hasForm: true),
      Case(spec: .autoInterval(.range, levels: 3, k: 2), values: numbers, hasForm: true),
      Case(
        spec: .ip(v4: [24, 16], v6: [64, 32]),
        values: some { $0 % 3 == 0 ? "2001:db8:\($0 % 9)::\($0 % 50)" : "10.\($0 % 3).\($0 % 7).\($0 % 250)" },
        hasForm: true),
      Case(
        spec: .order(values: ["a", "b", "c", "d", "e"], widths: [2, 4]), values: ["a", "b", "d", "e"], hasForm: true),
      Case(
        spec: .tree([
          ["FR", "West", "Europe"], ["DE", "West", "Europe"], ["PL", "East", "Europe"], ["US", "US", "America"],
        ]),
        values: ["FR", "DE", "PL", "US", ""], hasForm: false),
      Case(spec: .none, values: some { "v\($0 % 50)" }, hasForm: true),
    ]
  }

  /// Every label that the engine can write for values covers just the values that it stands for.
  @Test(arguments: cases().indices)
  func coversWhatTheHierarchySays(_ number: Int) throws {
    let own = Self.cases()[number]
    var observer = QuasiObserver(coders: [try own.spec.makeCoder()], countsSubjects: false)
    for value in own.values {
      let isAccepted = observer.observe([Array(value.utf8)])
      #expect(isAccepted)
    }
    let table = observer.finish()
    let hierarchy = table.hierarchies[0]
    for rule in [try own.spec.makeCoder().rule, nil] where rule != nil || own.hasForm {
      for level in 0...hierarchy.height {
        let labels = (0..<hierarchy.groupCount(level: level)).map { hierarchy.label(level: level, group: $0) }
        let distinct = Array(Set(labels)).sorted { $0.lexicographicallyPrecedes($1) }
        let index = LabelIndex(distinct, rule: rule)
        for value in own.values {
          let bytes = Array(value.utf8)
          let leaf = bytes.withUnsafeBufferPointer { Int(table.lookups[0].code($0)!) }
          let label = hierarchy.label(level: level, group: Int(hierarchy.group(level: level, leaf: leaf)))
          #expect(index.covering(bytes).map { distinct[$0] } == [label], "level \(level): \(value)")
        }
      }
    }
  }

  /// Sets and ranges of `labels: sets`.
  @Test func coversSets() throws {
    for own in Self.cases() {
      var observer = QuasiObserver(coders: [try own.spec.makeCoder()], countsSubjects: false)
      for value in own.values {
        let isAccepted = observer.observe([Array(value.utf8)])
        #expect(isAccepted)
      }
      let hierarchy = observer.finish().hierarchies[0]
      let sets = SetLabels(hierarchy)
      var random = AttackRandom(seed: 3, stream: 3)
      for _ in 0..<50 {
        let leaves = random.sample(Int.random(in: 1...4, using: &random), below: hierarchy.leafCount)
        var level = 0
        while Set(leaves.map { hierarchy.group(level: level, leaf: $0) }).count > 1 { level += 1 }
        let label = sets.cell(leaves, level: level, group: Int(hierarchy.group(level: level, leaf: leaves[0]))).text
        let index = LabelIndex([label], rule: try own.spec.makeCoder().rule)
        for leaf in leaves {
          #expect(!index.covering(hierarchy.label(level: 0, group: leaf)).isEmpty)
        }
      }
    }
  }
}
