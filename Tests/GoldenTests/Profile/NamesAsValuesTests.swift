import Foundation
import Testing

/// Names of fields that are somebody's values: a first record of words, and keys that are people.
@Suite struct NamesAsValuesTests {
  /// Every command that reads data without being told its fields.
  private static let commands = [
    "profile DATA", "profile DATA --json", "init DATA", "risk DATA --quasi c1", "check pipeline.yaml --input DATA",
    "run pipeline.yaml", "link DATA DATA",
  ]

  private func outcomes(_ scratch: Scratch, _ data: String) throws -> [(String, Outcome)] {
    try Self.commands.map { ($0, try scratch.veil($0.replacing("DATA", with: data))) }
  }

  @Test(
    "A first record of words in small letters stops every command, and no cell is printed",
    arguments: [
      // A name of the lists; a word of its column, near and far from the start.
      ["anna,quux,ulmx"] + (0..<40).map { "zonk\($0 % 7)a,quib\($0)a,town\($0 % 3)b" },
      ["quibble,dyer,kanzas"] + (0..<40).map { "zonk,\($0 == 30 ? "dyer" : "baker"),\($0 % 2 == 0 ? "tulsa" : "ulm")" },
      ["quibble,dyer,kanzas"]
        + (0..<600).map { "zonk,\($0 == 500 ? "dyer" : "baker"),\($0 % 2 == 0 ? "tulsa" : "ulm")" },
      ["petra schmidt,dyer"] + (0..<9).map { "zonk quux,baker\($0)" },
    ])
  func firstRecords(_ records: [String]) throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", records.joined(separator: "\n") + "\n")
    try scratch.write("pipeline.yaml", TestPipeline().text)
    for (command, outcome) in try outcomes(scratch, "in.csv") where !command.hasPrefix("link") {
      #expect(outcome.status == 4, "\(command): \(outcome.stderr)")
      #expect(outcome.stderr.contains("is it a header?"), "\(command): \(outcome.stderr)")
    }
    for (command, outcome) in try outcomes(scratch, "in.csv") {
      for cell in records[0].split(separator: ",") {
        #expect(!(outcome.text + outcome.stderr).contains(cell), "\(command): \(outcome.text)\(outcome.stderr)")
      }
    }
    #expect(!scratch.exists("out.csv"))
  }

  @Test(
    "Words above columns of numbers are a header, also where one is a word of its column, and years of school are names"
  )
  func headers() throws {
    for text in [
      "intnum,hours,kids,married\n"
        + (0..<30).map { "\($0),\($0 * 7),\($0 % 4),\($0 % 3 == 0 ? "married" : "single")\n" }.joined(),
      "pupil,2019-2020,2020-2021\n" + (0..<9).map { "x\($0),\($0),\($0 + 1)\n" }.joined(),
      "mark,will,summer\nx,y,z\n",
    ] {
      let scratch = try Scratch()
      let outcome = try scratch.run(TestPipeline(), on: text)
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.veil("init in.csv").status == 0)
    }
    // A mark for a missing number is no word above numbers.
    let scratch = try Scratch()
    let text = "quux,NA,?\n" + (0..<9).map { "\($0 == 4 ? "quux" : "zonk"),\($0),\($0 + 1)\n" }.joined()
    #expect(try scratch.run(TestPipeline(), on: text).status == 4)
  }

  @Test(
    "JSON keys that are values are printed by no command",
    arguments: [
      // Names of the lists; keys of one form in one record; rare keys of many records.
      [#"{"age":3,"visits":{"anna schmidt":{"n":3},"bernd":{"n":1}}}"#],
      [#"{"age":3,"visits":{"Quibble Zonk":{"n":3},"Dyer Quux":{"n":1}}}"#],
      [#"{"age":3,"visits":{"Quibble":{"n":3},"Dyer":{"n":1},"Zonkina":{"n":4}}}"#],
      (0..<60).map { #"{"age":3,"visits":{"quib\#($0 / 2)ble":\#($0),"zonk\#($0 / 3)a":2}}"# },
    ])
  func keys(_ records: [String]) throws {
    let scratch = try Scratch()
    try scratch.write("in.ndjson", records.joined(separator: "\n") + "\n")
    var pipeline = TestPipeline.ndjson(fields: ["age: keep"])
    pipeline.unlisted = "error"
    try scratch.write("pipeline.yaml", pipeline.text)
    let keys = ["anna", "schmidt", "bernd", "uibble", "quib", "zonk", "Zonk", "Dyer", "Quux"]
    for (command, outcome) in try outcomes(scratch, "in.ndjson") {
      for key in keys {
        #expect(!(outcome.text + outcome.stderr).contains(key), "\(command): \(outcome.text)\(outcome.stderr)")
      }
    }
    let starter = try scratch.veil("init in.ndjson")
    #expect(starter.status == 0 && starter.text.contains("fields are not listed"), "\(starter.text)\(starter.stderr)")
  }

  @Test("Objects of the same members under names of fields are shown")
  func fields() throws {
    let scratch = try Scratch()
    try scratch.write(
      "in.ndjson",
      #"{"home":{"street":"a","floor":1},"work":{"street":"b","floor":2},"q1":3,"q2":4,"Billing":{"n":1},"Shipping":{"n":2}}"#
        + "\n")
    let text = try scratch.veil("profile in.ndjson").text
    for name in ["home.street", "work.floor", "q1", "q2", "Billing.n", "Shipping.n"] {
      #expect(text.contains(name), "\(text)")
    }
  }
}
