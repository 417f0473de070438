import Testing

/// A control that is no control: its people are in the release.
@Suite struct HeldOutTests {
  @Test("a control whose records are all in the input is refused", arguments: ["in.csv", "copy.csv", "part.csv"])
  func isRefused(_ control: String) throws {
    let scratch = try Scratch()
    let rows = (0..<60).map { "p\($0),\($0 % 3),\($0 % 2)\n" }
    try scratch.write("in.csv", "id,age,sex\n" + rows.joined())
    try scratch.write("copy.csv", "id,age,sex\r\n" + rows.map { $0.replacing("\n", with: "\r\n") }.joined())
    try scratch.write("part.csv", "id,age,sex\n" + rows.prefix(20).joined())
    try scratch.write(
      "p.yaml",
      """
      version: 1
      name: held
      source: {path: in.csv, subject: id}
      fields: {id: drop, age: {class: quasi}, sex: {class: quasi}}
      anonymity: {k: 3, control: \(control)}
      sink: {path: out.csv}

      """)
    let run = try scratch.veil("run p.yaml")
    #expect(run.status == 2 && run.stderr.contains("held out") && !scratch.exists("out.csv"), "\(run.stderr)")
    try scratch.write("held.csv", "id,age,sex\n" + rows.map { "q" + $0 }.joined())
    try scratch.write("p.yaml", try scratch.text("p.yaml").replacing("control: \(control)", with: "control: held.csv"))
    #expect(try scratch.veil("run p.yaml").status == 0)
    let verified = try scratch.veil("verify out.csv --pipeline p.yaml --original in.csv --control \(control)")
    #expect(verified.status == 2 && verified.stderr.contains("held out"), "\(verified.stderr)")
    let attacked = try scratch.veil("risk --attack out.csv in.csv --control \(control)")
    #expect(attacked.status == 2 && attacked.stderr.contains("held out"), "\(attacked.stderr)")
  }
}
