import Testing

@testable import VeilEngine

@Suite("Runs with a privacy model")
struct AnonymityRunTests {
  private func yaml(_ anonymity: String, input: String = "in.ndjson", rest: String = "") -> String {
    """
    source: {path: \(input)}
    fields: {q: {class: quasi, hierarchy: {interval: {width: 10, levels: 2}}}, x: keep}
    anonymity: {recoding: global, \(anonymity)}
    order: input
    sink: {path: out.csv}
    \(rest)

    """
  }

  private let people = (0..<6).map { "{\"q\":\($0),\"x\":\"p\($0)\"}\n" }.joined()

  @Test(
    "A quasi-identifier that is missing, there twice or an object makes a record bad",
    arguments: ["{\"x\":1}", "{\"q\":1,\"q\":2,\"x\":1}", "{\"q\":{},\"x\":1}"])
  func badQuasi(record: String) throws {
    let rig = try RunRig(["in.ndjson": people + record + "\n"])
    let error = try rig.run(yaml("k: 2"))
    #expect(
      error.kind == .inputOutput && error.message.contains("record 7") && error.message.contains("field 'q'"),
      "\(error)")
    #expect(rig.text("out.csv") == nil)
    let skipped = try rig.run(yaml("k: 2", rest: "bad_records: {action: skip}"))
    #expect(skipped.tally?.bad == 1 && skipped.tally?.written == 6 && skipped.tally?.addsUp == true, "\(skipped)")
  }

  @Test("A null is a value of its own; suppressed records leave out, or stay with stars")
  func suppressed() throws {
    let input = people + "{\"q\":null,\"x\":\"n\"}\n"
    let rig = try RunRig(["in.ndjson": input])
    let dropped = try rig.run(yaml("k: 2, suppress: 20%"))
    #expect(dropped.tally?.addsUp == true && dropped.tally?.suppressed == 1, "\(dropped)")
    #expect(rig.text("out.csv")?.contains("n\n") == false)
    let kept = try rig.run(yaml("k: 2, suppress: 20%, suppressed: keep"))
    #expect(kept.tally?.addsUp == true && kept.tally?.written == 7, "\(kept)")
    #expect(rig.text("out.csv")?.hasSuffix("*,n\n") == true)
  }

  @Test("A value that does not fit its hierarchy is bad in both passes", arguments: ["drop", "keep"])
  func unfit(suppressed: String) throws {
    let rig = try RunRig(["in.ndjson": people + "{\"q\":\"old\",\"x\":1}\n"])
    let skipped = try rig.run(yaml("k: 2, suppressed: \(suppressed)", rest: "bad_records: {action: skip}"))
    #expect(skipped.tally?.bad == 1 && skipped.tally?.written == 6 && skipped.tally?.addsUp == true, "\(skipped)")
    #expect(try rig.run(yaml("k: 2, suppressed: \(suppressed)")).kind == .inputOutput)
  }

  @Test("The model unmet: status 1 and nothing published")
  func unmet() throws {
    let rig = try RunRig(["in.ndjson": people])
    let result = try rig.run(yaml("k: 7"))
    #expect(result.kind == .check && rig.text("out.csv") == nil)
  }

  @Test("The same at any number of threads and chunk size, packed and several files too")
  func determinism() throws {
    let rig = try RunRig([
      "in-1.csv": "q,x\n" + (0..<300).map { "\($0 * 37 % 90),\($0)\n" }.joined(), "in-2.csv": "q,x\n5,last\n",
    ])
    var first: String?
    for (threads, chunk) in [(1, 1 << 18), (1, 1), (2, 1), (8, 50)] {
      let result = try rig.run(yaml("k: 5, suppress: 5%", input: "\"in-*.csv\"")) {
        $0.threads = threads
        $0.chunkBytes = chunk
      }
      #expect(result.tally?.addsUp == true, "\(result)")
      if let first { #expect(rig.text("out.csv") == first) }
      first = rig.text("out.csv")
    }
  }

  @Test("A subject that is missing, or told twice, is one unknown person")
  func subjects() throws {
    let lines = [
      "{\"id\":1,\"q\":1,\"x\":\"a\"}", "{\"id\":1,\"q\":1,\"x\":\"b\"}", "{\"q\":11,\"x\":\"c\"}",
      "{\"id\":null,\"q\":11,\"x\":\"d\"}",
      "{\"id\":{},\"q\":11,\"x\":\"e\"}", "{\"id\":1,\"id\":2,\"q\":21,\"x\":\"f\"}",
      "{\"id\":1,\"id\":3,\"q\":21,\"x\":\"g\"}",
      "{\"id\":4,\"q\":31,\"x\":\"h\"}", "{\"id\":\"5\",\"q\":31,\"x\":\"i\"}",
    ]
    let rig = try RunRig(["in.ndjson": lines.joined(separator: "\n")])
    let text = yaml("k: 2, suppress: 80%").replacing("in.ndjson", with: "in.ndjson, subject: id")
      .replacing("levels: 2", with: "levels: 1")
    let result = try rig.run(text + "unlisted: drop\n")
    #expect(result.tally?.addsUp == true, "\(result)")
    #expect(rig.text("out.csv") == "q,x\n31,h\n31,i\n", "\(result)")
  }
}
