import Foundation
import Testing
import VeilConfig

@testable import VeilAnonymity
@testable import VeilEngine

@Suite("Anonymity: hierarchies")
struct AnonymityHierarchyTests {
  /// The labels of every value at every level, after observing exactly these values.
  private func labels(_ spec: HierarchySpec, _ values: [String]) throws -> [[String]] {
    var observer = QuasiObserver(coders: [try spec.makeCoder()], countsSubjects: false)
    for value in values {
      let isAccepted = observer.observe([Array(value.utf8)])
      #expect(isAccepted)
    }
    let table = observer.finish()
    let hierarchy = table.hierarchies[0]
    return values.map { value in
      let leaf = Array(value.utf8).withUnsafeBufferPointer { Int(table.lookups[0].code($0)!) }
      return (0...hierarchy.height).map { level in
        text(hierarchy.label(level: level, group: Int(hierarchy.group(level: level, leaf: leaf))))
      }
    }
  }

  private func accepts(_ spec: HierarchySpec, _ value: String) throws -> Bool {
    var coder = try spec.makeCoder()
    let code = Array(value.utf8).withUnsafeBufferPointer { coder.code($0) }
    #expect(coder.rejected == (code == nil ? 1 : 0))
    return code != nil
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func parse(_ text: String) throws -> Hierarchy { try HierarchyFile.parse(Array(text.utf8)) }

  @Test func dates() throws {
    #expect(
      try labels(.date([.month, .year, .decade]), ["2024-03-17", "", "1999-12-31T23:59:59Z"]) == [
        ["2024-03-17", "2024-03", "2024", "2020s", "*"],
        ["", "", "", "", "*"],
        ["1999-12-31T23:59:59Z", "1999-12", "1999", "1990s", "*"],
      ])
    #expect(
      try labels(.date([.day, .quarter]), ["2024-02-29 10:00"]) == [
        ["2024-02-29 10:00", "2024-02-29", "2024-Q1", "*"]
      ])
    let spec = HierarchySpec.date([.year])
    for bad in [
      "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-04-31", "2024-1-1", "17.03.2024",
      "2024-03-17x", "2024-03-17T", "2024/03/17", "2024-03", "x",
    ] {
      #expect(try !accepts(spec, bad), "\(bad)")
    }
    #expect(try accepts(spec, "2000-02-29"))
    #expect(throws: HierarchyError.self) { try HierarchySpec.date([.year, .month]).makeCoder() }
    #expect(throws: HierarchyError.self) { try HierarchySpec.date([]).makeCoder() }
  }

  @Test func prefixes() throws {
    #expect(
      try labels(.prefix(5), ["12345", "12", "1234567", "äöü€x", ""]) == [
        ["12345", "1234*", "123**", "12***", "1****", "*"],
        ["12", "12", "12", "12", "1*", "*"],
        ["1234567", "1234***", "123****", "12*****", "1******", "*"],
        ["äöü€x", "äöü€*", "äöü**", "äö***", "ä****", "*"],
        ["", "", "", "", "", "*"],
      ])
    #expect(try labels(.prefix(1), ["ab"]) == [["ab", "*"]])
    #expect(throws: HierarchyError.self) { try HierarchySpec.prefix(0).makeCoder() }
    #expect(throws: HierarchyError.self) { try HierarchySpec.prefix(65).makeCoder() }
  }

  @Test func intervals() throws {
    #expect(
      try labels(.interval(width: 5, levels: 3, origin: 0), ["37", "-1", "0", "39.99", "+07", ""]) == [
        ["37", "[35, 40)", "[30, 40)", "[20, 40)", "*"],
        ["-1", "[-5, 0)", "[-10, 0)", "[-20, 0)", "*"],
        ["0", "[0, 5)", "[0, 10)", "[0, 20)", "*"],
        ["39.99", "[35, 40)", "[30, 40)", "[20, 40)", "*"],
        ["+07", "[5, 10)", "[0, 10)", "[0, 20)", "*"],
        ["", "", "", "", "*"],
      ])
    // Binary floating point would put 0.3 into [0.2, 0.3).
    #expect(
      try labels(.interval(width: 0.1, levels: 1, origin: 0.05), ["0.35", "0.3", "-0.0500001"]) == [
        ["0.35", "[0.35, 0.45)", "*"], ["0.3", "[0.25, 0.35)", "*"], ["-0.0500001", "[-0.15, -0.05)", "*"],
      ])
    #expect(
      try labels(.interval(width: 1e15, levels: 32, origin: -1e15), ["999999999999999999"])[0][1]
        == "[999000000000000000, 1000000000000000000)")
    let spec = HierarchySpec.interval(width: 10, levels: 2, origin: 0)
    for bad in ["1e3", " 1", "1.", ".5", "-", "+-1", "1,000", "nan", "0x1", "1.2.3", "1234567890123456789"] {
      #expect(try !accepts(spec, bad), "\(bad)")
    }
    #expect(try accepts(spec, "000000000000000000000000000001." + String(repeating: "9", count: 200)))
    for (width, levels, origin) in [
      (0.0, 1, 0.0), (-1, 1, 0), (.nan, 1, 0), (.infinity, 1, 0), (1, 0, 0), (1, 33, 0), (1, 1, .nan), (1e-12, 1, 0),
      (1e300, 1, 0),
    ] {
      #expect(throws: HierarchyError.self) {
        try HierarchySpec.interval(width: width, levels: levels, origin: origin).makeCoder()
      }
    }
  }

  @Test func networks() throws {
    #expect(
      try labels(.ip(v4: [24, 16, 8], v6: [64, 32]), ["192.0.2.77", "2001:DB8:1:2:3::9", "::ffff:192.0.2.77", ""]) == [
        ["192.0.2.77", "192.0.2.0/24", "192.0.0.0/16", "192.0.0.0/8", "*"],
        ["2001:DB8:1:2:3::9", "2001:db8:1:2::/64", "2001:db8::/32", "2001:db8::/32", "*"],
        ["::ffff:192.0.2.77", "::ffff:192.0.2.0/120", "::ffff:192.0.0.0/112", "::ffff:192.0.0.0/104", "*"],
        ["", "", "", "", "*"],
      ])
    for bad in ["192.0.2", "192.0.2.300", "host", "192.0.2.1/24", "fe80::1%eth0"] {
      #expect(try !accepts(.ip(v4: [24], v6: [64]), bad), "\(bad)")
    }
  }

  @Test func orders() throws {
    let spec = HierarchySpec.order(values: ["low", "middle", "high", "top", "x"], widths: [2, 4])
    #expect(
      try labels(spec, ["low", "top", "x"]) == [
        ["low", "{low, middle}", "{low, middle, high, top}", "*"],
        ["top", "{high, top}", "{low, middle, high, top}", "*"],
        ["x", "x", "x", "*"],
      ])
    #expect(try !accepts(spec, "LOW"))
  }

  @Test func trees() throws {
    let spec = HierarchySpec.tree([["FR", "West", "Europe"], ["PL", "East", "Europe"], ["US", "US", "America"]])
    #expect(
      try labels(spec, ["FR", "PL", "US", ""]) == [
        ["FR", "West", "Europe", "*"], ["PL", "East", "Europe", "*"], ["US", "US", "America", "*"], ["", "", "", "*"],
      ])
  }

  /// Ends are round, neither the smallest nor the largest value shows, and neither order nor split matters.
  @Test func intervalsFromTheData() throws {
    // Incomes that are spread unevenly, each with a number nobody else has.
    let values = (0..<1000).map { "\(18_013 + $0 * $0 / 9 + $0 * 37)" } + ["9876543", "-77", ""]
    for kind in [HierarchyConfig.AutoInterval.equalFrequency, .range] {
      let all = try labels(.autoInterval(kind, levels: 3, k: 5), values)
      let texts = Set(all.flatMap { $0.dropFirst().dropLast() }).subtracting([""])
      #expect(texts.contains { $0.hasPrefix("<") } && texts.contains { $0.hasPrefix(">=") } && texts.count > 8)
      for text in texts {
        for end in text.split(whereSeparator: { !"0123456789-".contains($0) }) {
          #expect(end.hasSuffix("00") && !values.contains(String(end)), "\(text)")
        }
        #expect(!text.contains("9876543") && !text.contains("77"))
      }
      if kind == .equalFrequency {
        let finest = Dictionary(all.map { ($0[1], 1) }, uniquingKeysWith: +)
        #expect(
          finest.count == 9 && finest.filter { $0.key != "" }.values.allSatisfy { (100...150).contains($0) },
          "\(finest)")
      }
      #expect(try labels(.autoInterval(kind, levels: 3, k: 5), values.reversed()) == all.reversed())
    }
    #expect(try labels(.autoInterval(.equalFrequency, levels: 4, k: 2), ["7", "7"]) == [["7", "*"], ["7", "*"]])
    #expect(
      try labels(.autoInterval(.equalFrequency, levels: 1, k: 2), ["0.5", "1.5", "2.5", "3.5"])[0].count == 3)
    #expect(try !accepts(.autoInterval(.range, levels: 2, k: 2), "1e5"))
  }

  /// `missing: top`: one leaf `*` for all values that the hierarchy does not cover; whoever fits and was not there in
  /// pass one stays unknown to the plan.
  @Test func valuesWithoutAPlaceGoToTheTop() throws {
    var specs = [QuasiCoder(rule: .file(try parse("a;x;*\nb;x;*"))), QuasiCoder(rule: .date([.year]))]
    for index in specs.indices { specs[index].takesUnknown = true }
    var observer = QuasiObserver(coders: specs, countsSubjects: false)
    var other = observer
    for row in [["a", "2024-01-02"], ["?", "soon"], ["", ""]] {
      let isTaken = observer.observe(row.map { Array($0.utf8) })
      #expect(isTaken)
    }
    for row in [["!", "2023-01-02"], ["b", "never"]] {
      let isTaken = other.observe(row.map { Array($0.utf8) })
      #expect(isTaken)
    }
    observer.merge(other)
    let table = observer.finish()
    func code(_ column: Int, _ value: String) -> Int? {
      Array(value.utf8).withUnsafeBufferPointer { table.lookups[column].code($0) }.map { Int($0) }
    }
    for (column, unknown, known) in [
      (0, ["?", "!", "zz"], ["a", "b", ""]), (1, ["soon", "never", "zz"], ["2024-01-02", ""]),
    ] {
      let hierarchy = table.hierarchies[column]
      let codes = Set(unknown.map { code(column, $0) })
      #expect(codes.count == 1 && !codes.contains(nil))
      for value in known { #expect(code(column, value) != nil && !codes.contains(code(column, value))) }
      let leaf = try #require(code(column, "zz"))
      for level in 0...hierarchy.height {
        let group = Int(hierarchy.group(level: level, leaf: leaf))
        #expect(text(hierarchy.label(level: level, group: group)) == "*")
        #expect(hierarchy.leavesBelow(level: level, group: group) == hierarchy.leafCount)
      }
    }
    #expect(code(1, "2020-02-02") == nil, "it fits, and no record of pass one had it")
  }

  @Test func withoutHierarchy() throws {
    #expect(try labels(.none, ["b", "", "a"]) == [["b", "*"], ["", "*"], ["a", "*"]])
  }

  @Test func files() throws {
    let hierarchy = try parse("\u{FEFF}a;x;*\r\n\"b;\"\"\";x;*\r\n\r\nc;y;*")
    #expect(hierarchy.leafCount == 3)
    #expect(hierarchy.height == 2)
    #expect(text(hierarchy.label(level: 0, group: 1)) == "b;\"")
    #expect(hierarchy.groups(level: 1) == [0, 0, 1])
    #expect((0..<2).map { hierarchy.leavesBelow(level: 1, group: $0) } == [2, 1])
    #expect(hierarchy.leavesBelow(level: 2, group: 0) == 3)
    // A top of several groups, or no top at all, gets `*`.
    #expect(try parse("a;x\nb;y\n").height == 2)
    #expect(try parse("a\n").height == 1)
    #expect(try text(parse("a\nb\n").label(level: 1, group: 0)) == "*")
    #expect(try parse("a;all\nb;all").height == 1)
  }

  @Test func missingValuesOfAFile() throws {
    let hierarchy = try parse("a;x;*\nb;x;*\n").addingMissingLeaf()
    #expect(hierarchy.leafCount == 3)
    #expect(hierarchy.groups(level: 1) == [0, 0, 1])
    #expect(hierarchy.label(level: 1, group: 1) == [])
    #expect(hierarchy.groups(level: 2) == [0, 0, 0])
    #expect(hierarchy.leavesBelow(level: 2, group: 0) == 3)

    // The leaf is there only if a record kept needs it; a file that lists the empty value keeps its own.
    var observer = QuasiObserver(
      coders: try ["a;x;*\nb;x;*", ";none;*\nb;x;*"].map { QuasiCoder(rule: .file(try parse($0))) },
      countsSubjects: false)
    let known = observer.observe([Array("a".utf8), []])
    let unknown = observer.observe([Array("A".utf8), []])
    #expect(known && !unknown)
    let table = observer.finish()
    #expect(table.hierarchies.map(\.leafCount) == [2, 2])
    #expect([UInt8]().withUnsafeBufferPointer { table.lookups[0].code($0) } == nil)
    #expect([UInt8]().withUnsafeBufferPointer { table.lookups[1].code($0) } == 0)
  }

  @Test func fileErrors() throws {
    let cases: [(String, HierarchyError)] = [
      ("", .empty), ("\n\r\n", .empty),
      ("a;x;*\nb;*\n", .ragged(line: 2, expected: 3, found: 2)),
      ("a;x\n\nb;x\na;y\n", .duplicateLeaf(line: 4, firstLine: 1)),
      ("a;x;p;*\nb;y;q;*\nc;x;q;*", .twoParents(line: 3, firstLine: 1, level: 1)),
      ("\"a\nb\";x;p\nc;x;q\n", .twoParents(line: 3, firstLine: 1, level: 1)),
      ("a;\"x\nb;y", .badQuote(line: 1)), ("a;\"x\"y\n", .badQuote(line: 1)),
    ]
    for (text, error) in cases {
      #expect(throws: error) { try parse(text) }
      #expect(!error.description.isEmpty)
    }
    #expect(throws: HierarchyError.notUTF8) { try HierarchyFile.parse([0x61, 0xFF]) }
    #expect(throws: HierarchyError.unreadable(code: ENOENT)) {
      try HierarchySpec.file("/nonexistent/hierarchy.csv").makeCoder()
    }
    #expect(throws: HierarchyError.self) { try parse(String(repeating: "a;", count: 64) + "a") }
  }

  @Test func byteStrings() {
    var table = ByteStringTable()
    var expected: [[UInt8]: UInt32] = [:]
    var random = Random(seed: 1)
    for _ in 0..<20_000 {
      let key = (0..<Int(random.next() % 20)).map { _ in UInt8(random.next() % 3) }
      let known = expected[key]
      #expect(table.find(key) == known)
      let number = table.insert(key)
      #expect(number == known ?? UInt32(expected.count))
      expected[key] = number
    }
    #expect(table.count == expected.count)
    for (key, number) in expected { #expect(table[Int(number)] == key) }
    let short = Int(table.insert([1]))
    let long = Int(table.insert([1, 0]))
    #expect(table.precedes(short, long) && !table.precedes(long, short))
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): reproducible test data.
struct Random: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
