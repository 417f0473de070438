import Foundation
import Testing

/// Keyed order against somebody who has the input in its order, sorts it by any field, and holds the files of two
/// recipients and of two runs: records are linked no more often than by chance.
@Suite struct OrderAdversaryTests {
  private static let records = 2000
  private static let sinks = ["csv": "out.csv", "ndjson": "out.ndjson", "json": "out.json", "tsv": "out.tsv"]

  /// Sorted by `born`. `row` is kept to know the truth; one town in forty is rare, so that its records are suppressed.
  private static func record(_ row: Int) -> (born: Int, town: String, code: Int) {
    (1900 + row * 100 / records, row % 40 == 7 ? "t\(row)" : ["Ulm", "Hof"][row / 7 % 2], row * 7919 % 13)
  }

  private struct Setting: CustomTestStringConvertible, Sendable {
    var name: String
    var format: String
    var anonymity: String
    /// Memory for records before they are sorted on the disk.
    var bytes: String
    var testDescription: String { "\(name), \(format), \(bytes)" }
  }

  private static let settings: [Setting] = ["csv", "ndjson", "json"].flatMap { format in
    [
      Setting(name: "plain", format: format, anonymity: "order: keyed", bytes: format == "csv" ? "3000" : "100000000"),
      Setting(
        name: "suppressed dropped", format: format,
        anonymity: "anonymity: {k: 5, count: records, recoding: global, suppress: 10%}", bytes: "20000"),
      Setting(
        name: "suppressed kept", format: format,
        anonymity: "anonymity: {k: 5, count: records, recoding: global, suppress: 10%, suppressed: keep}",
        bytes: "100000000"),
    ]
  }

  private func publish(_ setting: Setting) throws -> Scratch {
    let scratch = try Scratch()
    let rows = (0..<Self.records).map { ($0, Self.record($0)) }
    if setting.format == "csv" {
      try scratch.write(
        "in.csv",
        "row,born,town,code\n" + rows.map { "\($0),\($1.born),\($1.town),\($1.code)\n" }.joined())
    } else {
      let objects = rows.map { #"{"row":\#($0),"born":\#($1.born),"town":"\#($1.town)","code":\#($1.code)}"# }
      try scratch.write(
        "in.\(setting.format)",
        setting.format == "json" ? "[" + objects.joined(separator: ",\n") + "]" : objects.map { $0 + "\n" }.joined())
    }
    let isPlain = setting.name == "plain"
    let sinks = Self.sinks.sorted { $0.key < $1.key }.map { "  - {path: \($1), recipient: \($0)}\n" }.joined()
    try scratch.write(
      "p.yaml",
      """
      version: 1
      name: p
      source: {path: in.\(setting.format)}
      fields:
        row: keep
        born: \(isPlain ? "keep" : "{class: quasi, hierarchy: {interval: {width: 10, levels: 2}}}")
        town: \(isPlain ? "keep" : "{class: quasi}")
        code: keep
      \(setting.anonymity)
      sinks:
      \(sinks)
      """)
    return scratch
  }

  /// The rows of a file, in its order; and which of them are suppressed.
  private func rows(_ scratch: Scratch, _ file: String) throws -> [(row: Int, isSuppressed: Bool)] {
    let text = try scratch.text(file)
    let records =
      file.hasSuffix("json")
      ? text.matches(of: #/\{"row":"?(\d+)"?,[^}]*\}/#).map { (Int($0.output.1), $0.output.0) }
      : text.split(separator: "\n").dropFirst().map { (Int($0.prefix { $0.isNumber }), $0) }
    return try records.map { (try #require($0), $1.split(separator: "*", omittingEmptySubsequences: false).count > 2) }
  }

  /// What two orders of the same things have in common, each as the place of every row; by chance each is small.
  private func expectNothingInCommon(_ one: [Int], _ other: [Int], _ comment: String) {
    let place = Dictionary(uniqueKeysWithValues: other.enumerated().map { ($1, $0) })
    let places = one.compactMap { place[$0] }
    let n = Double(places.count)
    #expect(places.count > 1000, "\(comment)")
    // At the same place, from the front or from the back: about one, and ten once in nine million times.
    for (way, order) in [("same", places), ("reverse", places.reversed())] {
      let hits = order.enumerated().count { $0 == $1 }
      #expect(hits < 11, "\(comment): \(hits) at the \(way) place")
    }
    // Neighbours that were neighbours: about two, and eighteen once in ten million times.
    let pairs = zip(places, places.dropFirst()).count { abs($0 - $1) == 1 }
    #expect(pairs < 18, "\(comment): \(pairs) neighbours")
    // The correlation of ranks has a deviation of 1/sqrt(n - 1).
    let mean = (n - 1) / 2
    let ranks = places.enumerated().map { (Double($0) - mean) * (Double($1) - Double(other.count - 1) / 2) }
    let correlation = ranks.reduce(0, +) / (n * n * n / 12)
    #expect(abs(correlation) < 6 / n.squareRoot(), "\(comment): correlation \(correlation)")
    // Within windows of the file, as a sort on the disk has them, too.
    for start in stride(from: 0, to: places.count - 200, by: 200) {
      let own = Array(places[start..<start + 200])
      let up = zip(own, own.dropFirst()).count { $0 < $1 }
      #expect(abs(Double(up) - 99.5) < 6 * (200.0 / 12).squareRoot(), "\(comment): \(up) of 199 ascend from \(start)")
    }
  }

  @Test(arguments: settings)
  private func nobodyLinksBetterThanByChance(_ setting: Setting) throws {
    let scratch = try publish(setting)
    let environment = ["VEIL_ORDER_BYTES": setting.bytes, "VEIL_CHUNK_BYTES": "5000"]
    let run = try Veil.run(["run", "p.yaml"], environment: environment, directory: scratch.root)
    try #require(run.status == 0, "\(run.stderr)")
    let again = try Scratch()
    for name in try scratch.list() where name.hasPrefix("in.") || name == "p.yaml" {
      try again.write(name, try scratch.data(name))
    }
    try #require(try Veil.run(["run", "p.yaml"], environment: environment, directory: again.root).status == 0)

    let files = try Self.sinks.values.sorted().map { ($0, try rows(scratch, $0)) }
    let published = files[0].1.map(\.row).sorted()
    // The input's order, and the input sorted by each field: the adversary has everything but the key.
    var orders = [("the input", published)]
    orders.append(("by town", published.sorted { (Self.record($0).town, $0) < (Self.record($1).town, $1) }))
    orders.append(("by code", published.sorted { (Self.record($0).code, $0) < (Self.record($1).code, $1) }))
    orders.append(("by text", published.sorted { "\($0)" < "\($1)" }))
    for (number, (file, found)) in files.enumerated() {
      #expect(found.map(\.row).sorted() == published, "\(file)")
      for (name, order) in orders { expectNothingInCommon(found.map(\.row), order, "\(file) and \(name)") }
      for (other, rows) in files[..<number] {
        expectNothingInCommon(found.map(\.row), rows.map(\.row), "\(file) and \(other)")
      }
      expectNothingInCommon(
        found.map(\.row), try rows(again, file).map(\.row), "\(file) of two runs")
      if setting.name != "plain" { expectNeighboursTellNothing(found, file) }
    }
    let suppressed = files[0].1.count(where: \.isSuppressed)
    #expect(suppressed == (setting.name == "suppressed kept" ? 50 : 0))
  }

  /// Whoever takes a suppressed record's decade of birth from the record before it is right as often as by chance: the
  /// input is sorted by it.
  private func expectNeighboursTellNothing(_ found: [(row: Int, isSuppressed: Bool)], _ file: String) {
    let decade = { (row: Int) in Self.record(row).born / 10 }
    let guesses = zip(found, found.dropFirst()).filter { $1.isSuppressed && !$0.isSuppressed }
    let right = guesses.count { decade($0.row) == decade($1.row) }
    // Ten decades: one in ten is right, of fifty 5; 22 or more are right once in 50 million times.
    #expect(right < 22, "\(file): \(right) of \(guesses.count) decades")
    let pairs = zip(found, found.dropFirst()).count { $0.isSuppressed && $1.isSuppressed }
    #expect(pairs < 12, "\(file): \(pairs) suppressed records stand together")
  }
}
