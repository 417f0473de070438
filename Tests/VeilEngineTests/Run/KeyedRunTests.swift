import Foundation
import Testing
import VeilCrypto

@testable import VeilEngine

/// Whole runs whose records leave in keyed order, under a key that the tests fix.
@Suite("Runs in keyed order") struct KeyedRunTests {
  private static let rows = 3000

  private func rig() throws -> RunRig {
    let lines = (0..<Self.rows).map { "\($0),\"n\n\($0 % 13)\",\($0 % 7 == 0 ? "" : "v\($0)")\n" }
    let half = Self.rows / 2
    return try RunRig([
      "a.csv": "row,name,value\n" + lines[..<half].joined(), "b.csv": "row,name,value\n" + lines[half...].joined(),
    ])
  }

  private static let pipeline = """
    source: {path: "[ab].csv", format: csv}
    fields: {row: keep, name: keep, value: keep}
    order: keyed

    """

  private func fix(_ options: inout RunOptions) {
    options.orderKey = { sink in
      [UInt8](repeating: UInt8(sink + 1), count: 32).withUnsafeBytes { SecretBytes(copying: $0) }
    }
  }

  /// The numbers of the rows of an output, in its order.
  private func rows(_ text: String) -> [Int] {
    text.matches(of: /(?m)^(?:\{"row":"|\[?\n?\{"row":")?(\d+)"?,"/).compactMap { Int($0.output.1) }
  }

  @Test("Threads, chunks and memory change no byte", arguments: ["out.csv", "out.json", "out.ndjson", "out.tsv"])
  func sameBytes(_ name: String) throws {
    let rig = try rig()
    let yaml = Self.pipeline + "sink: {path: \(name)}\n"
    var first: [UInt8]?
    for (threads, chunk, memory) in [
      (1, 384 << 10, 64 << 20), (2, 100, 1000), (3, 1000, 20_000), (1, 1, 100_000), (4, 50_000, 1),
    ] {
      let result = try rig.run(yaml) { options in
        (options.threads, options.chunkBytes, options.orderMemory) = (threads, chunk, memory)
        fix(&options)
      }
      #expect(result.tally?.written == Self.rows, "\(result.message)\(result.diagnostics)")
      let bytes = try rig.folder.bytes(name)
      #expect(bytes == first ?? bytes, "\(threads) threads, chunks of \(chunk), \(memory) bytes")
      first = bytes
    }
    let text = try #require(rig.text(name))
    if name.hasSuffix("json"), name != "out.ndjson" {
      let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
      #expect(Set(parsed?.compactMap { $0["row"] as? String } ?? []).count == Self.rows)
    }
    _ = try rig.run(yaml.replacing("keyed", with: "input"))
    let input = try #require(rig.text(name))
    #expect(input != text && input.count == text.count && input.utf8.sorted() == text.utf8.sorted())
  }

  @Test("Packed output and standard formats hold the same records; a run after it has another order")
  func anotherRunAnotherOrder() throws {
    let rig = try rig()
    let yaml = Self.pipeline + "sink: {path: out.csv}\n"
    _ = try rig.run(yaml)
    let first = try #require(rig.text("out.csv"))
    _ = try rig.run(yaml)
    let second = try #require(rig.text("out.csv"))
    #expect(first != second && first.utf8.sorted() == second.utf8.sorted())
    #expect(first.hasPrefix("row,name,value\n"))
  }

  /// The correlation of place and value, which is near to normal with deviation 1/√n if the order is one of chance.
  private func correlation(_ values: [Int]) -> Double {
    let n = Double(values.count)
    let mean = (n - 1) / 2
    let sum = values.enumerated().reduce(0.0) { $0 + (Double($1.offset) - mean) * (Double($1.element) - mean) }
    return sum / (n * (n * n - 1) / 12)
  }

  /// What somebody who knows the input's order has to go by. Each bound fails by chance once in millions of runs.
  private func expectChance(_ rows: [Int], _ what: String) {
    let n = rows.count
    #expect(Set(rows).count == n && n > 1000)
    // Matches are near to Poisson of mean 1, neighbours that stayed neighbours of mean 2.
    let matches = rows.enumerated().count { $0.offset == $0.element }
    #expect(matches < 12, "\(what): \(matches) of \(n) rows kept their place")
    let neighbours = zip(rows, rows.dropFirst()).count { abs($0 - $1) == 1 }
    #expect(neighbours < 16, "\(what): \(neighbours) of \(n) neighbours stayed neighbours")
    #expect(abs(correlation(rows)) < 5.5 / Double(n).squareRoot(), "\(what): in the input's order")
    // Parts of the order: no half of the file holds more of one half of the input than chance gives.
    let early = rows.prefix(n / 2).count { $0 < n / 2 }
    #expect(abs(early - n / 4) < Int(5.5 * (Double(n) / 16).squareRoot()) + 1, "\(what): \(early) of the first half")
  }

  @Test("Who knows the input's order links records no more than by chance, nor two recipients' files")
  func adversary() throws {
    let lines = (0..<4000).map { "\($0),\(1900 + $0 / 40),\($0 % 9)\n" }
    let rig = try RunRig(["in.csv": "row,born,code\n" + lines.joined()])
    let result = try rig.run(
      """
      source: {path: in.csv}
      fields: {row: keep, born: {class: quasi, hierarchy: {interval: {width: 10, levels: 3}}}, code: keep}
      anonymity: {k: 5, suppress: 5%}
      sinks: [{path: one.csv, recipient: one}, {path: two.ndjson, recipient: two}]

      """
    ) { $0.orderMemory = 30_000 }
    #expect(result.tally?.written == 4000, "\(result.message)\(result.diagnostics)")
    let one = try #require(rig.text("one.csv")).split(separator: "\n").dropFirst().compactMap {
      Int($0.prefix { $0 != "," })
    }
    let two = try #require(rig.text("two.ndjson")).matches(of: /"row":"(\d+)"/).compactMap { Int($0.output.1) }
    expectChance(one, "one.csv")
    expectChance(two, "two.ndjson")
    // Two files of one run: where the records of the first stand in the second.
    let places = Dictionary(uniqueKeysWithValues: two.enumerated().map { ($0.element, $0.offset) })
    expectChance(one.compactMap { places[$0] }, "one.csv beside two.ndjson")
  }

  @Test("Nothing is put back from neighbours: birth dates that were suppressed in a file sorted by them")
  func suppressedValues() throws {
    // Every tenth record has a place of its own, and is suppressed with all its quasi-identifiers.
    let lines = (0..<3000).map { "\($0),\(1900 + $0 / 30),\($0 % 10 == 0 ? "p\($0)" : "p")\n" }
    func share(_ order: String) throws -> Double {
      let rig = try RunRig(["in.csv": "row,born,place\n" + lines.joined()])
      let result = try rig.run(
        """
        source: {path: in.csv}
        fields:
          row: keep
          born: {class: quasi, hierarchy: {interval: {width: 10, levels: 2}}}
          place: {class: quasi}
        anonymity: {k: 5, suppress: 20%, suppressed: keep}
        \(order)
        sink: {path: out.csv}

        """)
      #expect(result.tally?.written == 3000, "\(result.message)\(result.diagnostics)")
      let rows = try #require(rig.text("out.csv")).split(separator: "\n").dropFirst().map {
        $0.matches(of: /[^,\[]+/).map { String($0.output) }
      }
      var (last, right, all) = (0, 0, 0)
      for row in rows {
        guard let number = Int(row[0]) else { continue }
        if let born = row.dropFirst().first.flatMap({ Int($0.prefix(4)) }) {
          last = born
        } else {
          all += 1
          if (1900 + number / 30) / 10 == last / 10 { right += 1 }
        }
      }
      #expect(all > 100)
      return Double(right) / Double(max(1, all))
    }
    #expect(try share("order: input") > 0.9)
    #expect(try share("") < 0.3)
  }

  @Test("A preview and a dry run sort nothing")
  func previewAndDryRun() throws {
    let rig = try rig()
    let dry = try rig.run(Self.pipeline + "sink: {path: out.csv}\n") { $0.isDryRun = true }
    #expect(dry.tally?.written == Self.rows && rig.text("out.csv") == nil)
  }

  @Test("Bad records are skipped and named as in the input's order")
  func badRecords() throws {
    let rig = try RunRig(["in.csv": "a,b\n1,x\n2\n3,y\n4,z,w\n5,v\n"])
    let yaml =
      "source: {path: in.csv}\nfields: {a: keep, b: keep}\nbad_records: {action: skip}\nsink: {path: out.csv}\n"
    let plain = try rig.run(yaml)
    let input = try #require(rig.text("out.csv"))
    let keyed = try rig.run(yaml + "order: keyed\n") { fix(&$0) }
    #expect(plain.report?.badRecords == keyed.report?.badRecords && keyed.tally?.bad == 2)
    #expect(try #require(rig.text("out.csv")).utf8.sorted() == input.utf8.sorted())
  }
}
