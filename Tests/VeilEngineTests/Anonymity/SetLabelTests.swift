import Testing
import VeilConfig

@testable import VeilAnonymity
@testable import VeilEngine

@Suite("Anonymity: labels as sets")
struct AnonymitySetLabelTests {
  private func hierarchy(_ lines: String) throws -> Hierarchy { try HierarchyFile.parse(Array(lines.utf8)) }

  private func label(_ lines: String, _ leaves: [Int], level: Int, group: Int = 0) throws -> (String, Int) {
    let cell = SetLabels(try hierarchy(lines)).cell(leaves, level: level, group: group)
    return (String(decoding: cell.text, as: UTF8.self), cell.covered)
  }

  @Test func theOneThatCoversFewest() throws {
    let cities = "Rome;Italy;*\nParis;France;*\nLyon;France;*\nNice;France;*"
    #expect(try label(cities, [1], level: 0, group: 1) == ("Paris", 1))
    #expect(try label(cities, [2, 1], level: 1, group: 1) == ("{Paris, Lyon}", 2))
    #expect(try label(cities, [1, 2, 3], level: 1, group: 1) == ("France", 3))
    #expect(try label(cities, [0, 3], level: 2) == ("{Rome, Nice}", 2))
    #expect(try label(cities, [0, 1, 2, 3], level: 2) == ("*", 4))
    // Numbers have ranges with ends of the hierarchy, and are never listed.
    let ages = "30;[30, 35);*\n9;[5, 10);*\n10;[10, 15);*\n31;[30, 35);*\n50;>=50;*"
    #expect(try label(ages, [0, 3], level: 1) == ("[30, 35)", 2))
    #expect(try label(ages, [1, 2, 0], level: 2) == ("[5, 35)", 4))
    #expect(try label(ages, [3, 2], level: 2) == ("[10, 35)", 3))
    #expect(try label(ages, [0, 4], level: 2) == (">=30", 3))
    let prices = "-1.5;<0;*\n0;[0, 2.5);*\n2.25;[0, 2.5);*\n7;>=2.5;*"
    #expect(try label(prices, [0, 1, 2], level: 2) == ("<2.5", 3))
    #expect(try label(prices, [0, 3], level: 2) == ("*", 4))
    // Without intervals there is the hierarchy's label.
    #expect(try label("30;*\n9;*\n10;*", [0, 1], level: 1) == ("*", 3))
    #expect(try label("1980-01-02;*\n1981-02-03;*\n1990-05-06;*", [0, 1], level: 1) == ("*", 3))
    #expect(try label("36997;*\n9876543;*\n12;*", [0, 1], level: 1) == ("*", 3))
    // Postcodes are no numbers.
    let codes = "00905;009**;*\n01016;010**;*\n01047;010**;*\n01067;010**;*"
    #expect(try label(codes, [1, 2, 3], level: 1, group: 1) == ("010**", 3))
    #expect(try label(codes, [0, 1], level: 2) == ("*", 4))
  }

  @Test(arguments: [
    "a,b;*\nc;*\nd;*", "{a;*\nc;*\nd;*", "a};*\nc;*\nd;*", " a;*\nc;*\nd;*", "a ;*\nc;*\nd;*", "a'b;*\nc;*\nd;*",
    "a\tb;*\nc;*\nd;*",
  ])
  func whatCouldBeMisreadHasTheHierarchysLabel(_ lines: String) throws {
    #expect(try label(lines, [0, 1], level: 1) == ("*", 3))
  }

  /// A column where a label of another class could be taken for a set has no sets at all.
  @Test func nothingIsTakenForASet() throws {
    #expect(try label("a;{x};*\nb;{x};*\nc;y;*\nd;y;*", [2, 0], level: 2) == ("*", 4))
    #expect(try label("{b, c};*\na;*\nb;*\nc;*", [2, 3], level: 1) == ("*", 4))
  }

  @Test func missingValuesHaveNoSet() throws {
    let labels = SetLabels(try hierarchy("a;*\nb;*\nc;*").addingMissingLeaf())
    #expect(labels.cell([0, 3], level: 1, group: 0).text == Array("*".utf8))
    #expect(labels.cell([0, 1], level: 1, group: 0).text == Array("{a, b}".utf8))
    let numbers = SetLabels(try hierarchy("1;[1, 2);*\n2;[2, 3);*\n3;[3, 4);*").addingMissingLeaf())
    #expect(numbers.cell([0, 3], level: 2, group: 0).text == Array("*".utf8))
    #expect(numbers.cell([0, 1], level: 2, group: 0).text == Array("[1, 3)".utf8))
  }

  /// The values a label covers, worked out from its text.
  private func covered(_ text: String, _ hierarchy: Hierarchy, leaf: Int) -> Set<Int>? {
    func label(_ level: Int, _ leaf: Int) -> String {
      String(
        decoding: hierarchy.label(level: level, group: Int(hierarchy.group(level: level, leaf: leaf))), as: UTF8.self)
    }
    let leaves = 0..<hierarchy.leafCount
    if let level = (0...hierarchy.height).first(where: { label($0, leaf) == text }) {
      return Set(leaves.filter { label(level, $0) == text })
    }
    let inner = String(text.dropFirst().dropLast())
    if text.hasPrefix("{"), text.hasSuffix("}") {
      let values = Set(inner.components(of: ", "))
      let found = Set(leaves.filter { values.contains(label(0, $0)) })
      return found.count == values.count ? found : nil
    }
    for (sign, isLow) in [("<", false), (">=", true)] where text.hasPrefix(sign) {
      guard let end = Double(text.dropFirst(sign.count)) else { return nil }
      return Set(leaves.filter { Double(label(0, $0)).map { ($0 >= end) == isLow } ?? false })
    }
    guard text.hasPrefix("["), text.hasSuffix(")") else { return nil }
    let bounds = inner.components(of: ", ").compactMap { Double($0) }
    guard bounds.count == 2 else { return nil }
    return Set(leaves.filter { Double(label(0, $0)).map { $0 >= bounds[0] && $0 < bounds[1] } ?? false })
  }

  @Test func everyClassHoldsAndEveryLabelCovers() throws {
    var sets = 0
    var ranges = 0
    for seed in Sweep.seeds(5000..<5200, sample: 40) {
      let data = RandomTable(seed: seed, columns: 4, rows: 100)
      let table = data.table
      let k = 2 + Int(seed % 5)
      guard let plain = LocalSearch(table, k: k, suppress: 0).run(),
        let found = LocalSearch(table, k: k, suppress: 0, labels: .sets).run(threads: 2)
      else { continue }
      #expect(found.loss <= plain.loss + 1e-12 && found.classOf == plain.classOf)
      let plan = RecodingPlan(table: table, plan: found, k: k)
      var people: [[String]: Set<UInt64>] = [:]
      var sum = 0.0
      for (index, row) in data.rows.enumerated() {
        let codes = try row.enumerated().map { column, value in
          try #require(value.withUnsafeBufferPointer { plan.code(column: column, $0) })
        }
        let number = try #require(codes.withUnsafeBufferPointer { plan.classIndex($0.baseAddress!) })
        let texts = codes.indices.map {
          String(decoding: plan.label(column: $0, class: number), as: UTF8.self)
        }
        people[texts, default: []].insert(data.subject(index) ?? UInt64(index))
        for (column, text) in texts.enumerated() where table.hierarchies[column].leafCount > 1 {
          let hierarchy = table.hierarchies[column]
          let leaf = try #require(row[column].withUnsafeBufferPointer { table.lookups[column].code($0) })
          let leaves = try #require(covered(text, hierarchy, leaf: Int(leaf)), "\(text)")
          #expect(leaves.contains(Int(leaf)), "seed \(seed): \(text)")
          sum +=
            Double(text == "*" ? hierarchy.leafCount - 1 : leaves.count - 1)
            / Double(table.hierarchies[column].leafCount - 1)
          sets += text.hasPrefix("{") ? 1 : 0
          ranges += "[<>".contains(text.prefix(1)) ? 1 : 0
        }
      }
      #expect(people.values.allSatisfy { $0.count >= k }, "seed \(seed)")
      #expect(sum / Double(max(1, data.rows.count * data.coders.count)) <= found.loss + 1e-9, "seed \(seed)")
    }
    #expect(sets > Sweep.count(100, sample: 20) && ranges > Sweep.count(100, sample: 20))
  }
}

extension String {
  fileprivate func components(of separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
