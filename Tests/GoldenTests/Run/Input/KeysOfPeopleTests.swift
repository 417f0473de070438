import Testing

/// Keys of JSON that are people's names are shown by no message.
@Suite struct KeysOfPeopleTests {
  @Test(arguments: ["anna_schmidt", "anna.schmidt", "anna", "ANNA", "anna@x.example"])
  func areHidden(_ key: String) throws {
    let scratch = try Scratch()
    try scratch.write("in.ndjson", "{\"city\":\"Bonn\",\"\(key)\":1}\n")
    try scratch.write(
      "p.yaml", "version: 1\nname: p\nsource: {path: in.ndjson}\nfields: {city: keep}\nsink: {path: out.ndjson}\n")
    for command in ["run p.yaml --report r.json --audit a.jsonl --log json", "check p.yaml --input in.ndjson"] {
      let outcome = try scratch.veil(command)
      #expect(outcome.status == 4 && outcome.stderr.contains("not shown"), "\(outcome.stderr)")
      #expect(!outcome.stderr.lowercased().contains("anna") && !outcome.text.lowercased().contains("anna"))
    }
    for file in ["r.json", "a.jsonl"] where scratch.exists(file) {
      #expect(try !scratch.text(file).lowercased().contains("anna"), "\(file)")
    }
  }
}
