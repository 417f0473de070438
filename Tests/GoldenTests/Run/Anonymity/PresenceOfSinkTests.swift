import Testing

/// delta-presence where one of several sinks drops a quasi-identifier, and so has larger classes.
@Suite struct PresenceOfSinkTests {
  @Test("What a sink's classes may not keep is not promised", arguments: ["0.1", "0"])
  func leastPresence(_ least: String) throws {
    let scratch = try Scratch()
    let rows = (0..<40).map { "\($0 % 2),\($0 % 4)\n" }.joined()
    try scratch.write("in.csv", "age,town\n" + rows)
    try scratch.write("everybody.csv", "age,town\n" + rows + String(repeating: "1,3\n", count: 20))
    try scratch.write(
      "p.yaml",
      """
      version: 1
      name: presence
      source: {path: in.csv}
      fields: {age: {class: quasi}, town: {class: quasi}}
      anonymity: {k: 2, count: records, population: everybody.csv, presence: {min: \(least), max: 1}}
      sinks:
        - {path: a.csv, recipient: a}
        - {path: b.csv, recipient: b, fields: {town: drop}}

      """)
    let outcome = try scratch.veil("run p.yaml")
    #expect(outcome.status == (least == "0" ? 0 : 2), "\(outcome.stderr)")
    #expect(outcome.stderr.contains("promise no 'min'") == (least != "0"), "\(outcome.stderr)")
  }
}
