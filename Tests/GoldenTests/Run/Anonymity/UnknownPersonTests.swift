import Foundation
import Testing

/// All records that do not say whose they are are one unknown person's, in every command.
@Suite struct UnknownPersonTests {
  /// Three people with a name and one without share the class; `tag` is the unknown person's alone.
  private func lines(_ subjects: [String]) -> String {
    let own = ["\"p1\"", "\"p2\"", "3"] + subjects
    return own.map { subject in
      let tag = subjects.contains(subject) ? "u" : "t"
      let id = subject == "absent" ? "" : "\"id\":\(subject),"
      return "{\(id)\"city\":\"Wien\",\"tag\":\"\(tag)\"}\n"
    }.joined()
  }

  @Test func runAndVerifyCountTheSame() throws {
    for rule in ["keep", "[trim]", "{pseudonym: {key: test}}"] {
      for more in [["null", "\"\""], ["null", "absent", "\"\""], ["\"\"", "\"\""]] {
        let scratch = try Scratch()
        let pipeline = TestPipeline(
          source: "{path: in.ndjson, subject: id}", sink: "{path: out.ndjson}",
          fields: [
            "id: \(rule)", "city: {class: quasi}",
            "tag: keep",
          ],
          unlisted: "error", more: ["anonymity: {k: 4}"])
        try scratch.write("p.yaml", pipeline.text)
        try scratch.write("in.ndjson", lines(more))
        let run = try scratch.veil("run p.yaml --report report.json")
        #expect(run.status == 0 && run.stderr.contains("the smallest of 4"), "\(more): \(run.stderr)")
        let report = try JSONSerialization.jsonObject(with: scratch.data("report.json")) as? [String: Any]
        let fields = (report?["measured"] as? [[String: Any]])?.first?["fields"] as? [[String: Any]]
        let tag = try #require(fields?.first { $0["field"] as? String == "tag" })
        // Each of three people's `t`, and `u` once.
        #expect(tag["values"] as? Int == 4 && tag["of_one_person"] as? Int == 1, "\(tag)")
        let verify = try scratch.veil("verify out.ndjson --pipeline p.yaml")
        #expect(verify.text.contains("k: 4 (people in the smallest class)"), "\(verify.text)")
        // One more is asked for than there are people.
        try scratch.write("five.yaml", pipeline.text.replacing("k: 4", with: "k: 5"))
        #expect(try scratch.veil("run five.yaml").status == 1)
        #expect(try scratch.veil("verify out.ndjson --pipeline five.yaml").status == 1)
      }
    }
  }

  @Test func riskCountsOneUnknownPerson() throws {
    let scratch = try Scratch()
    try scratch.write("in.ndjson", lines(["null", "\"\"", "\"\"", "absent"]))
    let risk = try scratch.veil("risk in.ndjson --quasi city --subject id --json")
    #expect(risk.status == 0, "\(risk.stderr)")
    #expect(risk.text.contains("\"counted\": \"people\"") && risk.text.contains("\"count\": 4"), "\(risk.text)")
  }
}
