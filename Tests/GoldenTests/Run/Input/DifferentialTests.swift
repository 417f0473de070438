import Foundation
import Testing

/// Veil against Python's csv and json on generated inputs.
@Suite struct DifferentialTests {
  @Test(arguments: ["csv", "ndjson"])
  func readsAndWritesAsPythonDoes(_ form: String) throws {
    let scratch = try Scratch()
    let count = 200
    let made = try Command.run(
      "python3", [Repository.support("differential.py"), "make", form, scratch.root, String(count), "1"])
    #expect(made.status == 0, "\(made.stderr)")
    for number in 0..<count {
      let outcome = try Veil.run(
        ["run", "\(number).yaml"], environment: ["VEIL_CHUNK_BYTES": String(1 + number * 37 % 5000)],
        directory: scratch.root)
      #expect(outcome.status == 0, "\(number): \(outcome.stderr)")
    }
    let compared = try Command.run(
      "python3", [Repository.support("differential.py"), "compare", form, scratch.root, String(count)])
    #expect(compared.status == 0, "\(compared.stderr)")
  }

  /// Files damaged at random: whatever happens, it is an exit status of the contract, never a crash, and what is
  /// published under `skip` can be read by Python.
  @Test(arguments: ["csv", "ndjson"])
  func damagedFilesNeverCrash(_ form: String) throws {
    let scratch = try Scratch()
    let file = form == "csv" ? "customers-crlf.csv" : "events.ndjson"
    let whole = try Repository.data("fixtures/customers/\(file)").prefix(20_000)
    var generator = Linear(state: 42)
    let pipeline = TestPipeline(
      source: "{path: in.\(form)}", sink: "{path: out.\(form)}",
      fields: form == "csv" ? ["email: {pseudonym: {key: test}}", "notes: uppercase"] : [],
      more: ["bad_records: {action: skip, limit: 100%}"])
    var published = 0
    for round in 0..<60 {
      var bytes = Data(whole)
      for _ in 0..<(1 + round % 5) {
        let at = Int(generator.next() % UInt64(bytes.count))
        switch generator.next() % 3 {
        case 0: bytes[at] = UInt8(truncatingIfNeeded: generator.next())
        case 1: bytes.remove(at: at)
        default: bytes.insert([0x22, 0x2C, 0x0A, 0x5C, 0x7B, 0x5D, 0x00, 0xFF][Int(generator.next() % 8)], at: at)
        }
      }
      try? FileManager.default.removeItem(atPath: scratch.path("out.\(form)"))
      let outcome = try scratch.run(pipeline, on: bytes, named: "in.\(form)")
      #expect([0, 1, 3, 4].contains(outcome.status), "round \(round): \(outcome.status) \(outcome.stderr)")
      #expect(scratch.exists("out.\(form)") == (outcome.status == 0))
      if form == "ndjson", outcome.status == 0 {
        try scratch.write("published/\(round)", scratch.data("out.ndjson"))
        published += 1
      }
    }
    guard form == "ndjson" else { return }
    // Python starts once for all that was published, and says in which round it could not read.
    let script = """
      import json, os
      names = os.listdir()
      for name in names:
          for line in open(name, 'rb').read().split(b'\\n')[:-1]:
              try: json.loads(line)
              except ValueError as error: raise SystemExit(f'round {name}: {error}')
      print(len(names))
      """
    let parsed = try Command.run("python3", ["-c", script], directory: scratch.path("published"))
    #expect(parsed.status == 0 && parsed.text == "\(published)\n" && published > 0, "\(parsed.stderr)")
  }
}

/// Knuth's linear congruential generator: the same sequence everywhere.
struct Linear: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33 ^ state << 31
  }
}
