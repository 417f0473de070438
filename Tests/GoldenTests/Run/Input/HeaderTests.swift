import Foundation
import Testing

/// The first record of a CSV file without a header is a person, who must neither be printed nor leave as a header.
@Suite("A first record that is data") struct HeaderTests {
  private static let people = [
    "Anna Canary,anna@canary.example,34", "Bob Canary,bob@canary.example,35", "Cleo Canary,cleo@canary.example,36",
  ]

  /// Every command that reads data, on `in.csv`; `more` is added to those without a pipeline.
  private func commands(_ scratch: Scratch, more: [String] = []) throws -> [Outcome] {
    try [
      ["run", "pipeline.yaml"], ["check", "pipeline.yaml", "--input", "in.csv"], ["profile", "in.csv"] + more,
      ["profile", "in.csv", "--json"] + more, ["init", "in.csv"] + more, ["risk", "in.csv", "--quasi", "c1"] + more,
      ["risk", "in.csv", "--pipeline", "pipeline.yaml", "--quasi", "c1"] + more,
    ].map { try Veil.run($0, environment: TestKey.environment, directory: scratch.root) }
  }

  @Test(
    "every command stops and prints no cell",
    arguments: [
      people, ["1990-01-01,m,x"], ["x,+43 1 234567 89,y"], ["a,b,192.168.1.17"], ["a,AT611904300234573201,c"],
      ["4111 1111 1111 1111,a,b"], ["a,123e4567-e89b-12d3-a456-426614174000,b"], ["Canary,34,Graz", "Bob,35,Linz"],
      ["canary,f,graz", "bob,m,linz", "cleo,f,wels"], ["canary,AB-1234,x", "bob,CD-5678,y", "cleo,EF-9012,z"],
      ["Anna Canary,Graz,Nurse", "Bob Canary,Linz,Baker"], ["canary;30;graz", "bob;31;linz"], ["canary|x", "bob|y"],
      ["a,12.5,b"], ["x,01.02.1990,b"],
    ])
  func stops(_ records: [String]) throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", records.joined(separator: "\n") + "\n")
    try scratch.write("pipeline.yaml", TestPipeline().text)
    for outcome in try commands(scratch) {
      #expect(outcome.status == 4, "\(outcome.stderr)")
      #expect(outcome.stderr.contains("of the first record") || outcome.stderr.contains("the first record looks like"))
      #expect(outcome.stderr.contains("header"))
      #expect(outcome.stdout.isEmpty)
      for cell in records[0].split(separator: ",") where cell.count > 2 {
        #expect(!outcome.stderr.contains(cell), "\(outcome.stderr)")
      }
    }
    #expect(!FileManager.default.fileExists(atPath: scratch.path("out.csv")))

    // One word is enough, either way.
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: in.csv, csv: {header: false}}").text)
    for outcome in try commands(scratch, more: ["--no-header"]) { #expect(outcome.status == 0, "\(outcome.stderr)") }
    try scratch.write("pipeline.yaml", TestPipeline(source: "{path: in.csv, csv: {header: true}}").text)
    let outcome = try Veil.run(["run", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try Veil.run(["profile", "in.csv", "--header"], directory: scratch.root).status == 0)
  }

  @Test(
    "names of columns raise no alarm",
    arguments: [
      "name,2019,2020,2021\nx,1,2,3\n", "id,name\n1,Ada\n", "a,b,c\n1,2,3\n", "Name,Ort\nAnna,Graz\nBob,Linz\n",
      "x,y,t,n\n1,2,true,n2\n", "Farbe,n\nRot,1\n", "v1,v2\n1.5,2\n", "PM2.5,NO2\n3.2,4\n",
      "customer_id,e-mail\n7,a@b.example\n",
      "name\n", "k,v\nk1,v1\nk2,v2\n",
    ])
  func headers(_ text: String) throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(TestPipeline(), on: text)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == text)
    for command in ["profile", "init"] {
      let outcome = try Veil.run([command, "in.csv"], directory: scratch.root)
      #expect(outcome.status == 0, "\(outcome.stderr)")
    }
  }

  @Test("a name that the pipeline gives is a name, unless it is an address or the like")
  func namedColumns() throws {
    let scratch = try Scratch()
    var pipeline = TestPipeline(fields: ["country: keep"])
    #expect(try scratch.run(pipeline, on: "country,2020\nAT,5\n").status == 0)
    #expect(try scratch.run(pipeline, on: "country,anna@canary.example\nAT,5\n").status == 4)
    pipeline.fields.append("\"'anna@canary.example'\": keep")
    #expect(try scratch.run(pipeline, on: "country,anna@canary.example\nAT,5\n").status == 4)
    pipeline.source = "{path: in.csv, csv: {header: true}}"
    #expect(try scratch.run(pipeline, on: "country,anna@canary.example\nAT,5\n").status == 0)
  }

  @Test("init says in the pipeline that there is a header where that was said to it")
  func starter() throws {
    let scratch = try Scratch()
    let rows = String(repeating: "Graz,1,2\nLinz,3,4\n", count: 5)
    try scratch.write("in.csv", "city,1/22/20,1/23/20\n" + rows)
    let outcome = try Veil.run(["init", "in.csv", "--header"], directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(outcome.text.contains("csv: {header: true}"))
    try scratch.write("starter.yaml", outcome.text)
    let check = try Veil.run(
      ["check", "starter.yaml", "--input", "in.csv"], environment: TestKey.environment, directory: scratch.root)
    #expect(check.status == 0, "\(check.stderr)")
    #expect(try Veil.run(["profile", "in.csv", "--header", "--no-header"], directory: scratch.root).status == 2)
  }

  @Test("the same is said however the input is cut and wherever it comes from")
  func anyChunks() throws {
    let scratch = try Scratch()
    let records = (0..<400).map { "row\($0),v,\($0 % 7 == 0 ? "u" : "w")" }.joined(separator: "\n") + "\n"
    for (header, status) in [("row,u,x", 0), ("name,q,w", 4)] as [(String, Int32)] {
      for chunk in ["1", "100", "100000"] {
        let outcome = try scratch.run(
          TestPipeline(), on: Data((header + "\n" + records).utf8), environment: ["VEIL_CHUNK_BYTES": chunk])
        #expect(outcome.status == status, "\(chunk): \(outcome.stderr)")
        if status == 0 { #expect(try scratch.text("out.csv") == header + "\n" + records) }
      }
    }
  }

  @Test("verify looks at a file's header")
  func verify() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(fields: ["name: keep"])
    #expect(try scratch.run(pipeline, on: "name,city\nAda,Graz\n").status == 0)
    try scratch.write("leak.csv", "name,anna@canary.example\nAda,Graz\n")
    var outcome = try Veil.run(
      ["verify", "out.csv", "--pipeline", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.stderr)")
    outcome = try Veil.run(
      ["verify", "leak.csv", "--pipeline", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.stderr)")
    #expect(outcome.text.contains("LEAK: field 2 of the first record looks like an e-mail address"))
    #expect(!outcome.text.contains("canary"))

    // Names of people look like names of fields: where none is the pipeline's, none is shown.
    try scratch.write("person.csv", "canary,canaria\nada,graz\n")
    let strict = TestPipeline(fields: ["name: keep"], unlisted: "drop")
    try scratch.write("pipeline.yaml", strict.text)
    outcome = try Veil.run(
      ["verify", "person.csv", "--pipeline", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root
    )
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.stderr)")
    #expect(outcome.text.contains("none of the pipeline's names"))
    #expect(!outcome.text.contains("canar"))
  }

  @Test("a JSON key that looks like a value is printed by no command")
  func keysOfJSON() throws {
    let scratch = try Scratch()
    let keys = ["anna@canary.example", "+43 1 23456789", "1990-03-17", "192.168.1.17", "AT611904300234573201"]
    let members = keys.map { "\"\($0)\":{\"seen\":3}" }.joined(separator: ",")
    let text = "{\"id\":1,\"logins\":{\(members)}}\n{\"id\":2,\"logins\":{\(members)}}\n"
    try scratch.write("in.ndjson", text)
    try scratch.write("other.ndjson", "{\"id\":1,\"anna@canary.example\":2}\n")
    var pipeline = TestPipeline.ndjson(fields: ["id: keep"])
    pipeline.unlisted = "error"
    try scratch.write("pipeline.yaml", pipeline.text)
    for arguments in [
      ["run", "pipeline.yaml"], ["check", "pipeline.yaml", "--input", "in.ndjson"], ["profile", "in.ndjson"],
      ["profile", "in.ndjson", "--json"], ["init", "in.ndjson"], ["risk", "in.ndjson", "--quasi", "id"],
      ["link", "in.ndjson", "other.ndjson"],
      ["verify", "in.ndjson", "--pipeline", "pipeline.yaml"],
    ] {
      let outcome = try Veil.run(arguments, environment: TestKey.environment, directory: scratch.root)
      for key in keys {
        #expect(
          !outcome.stderr.contains(key) && !outcome.text.contains(key), "\(arguments): \(outcome.text)\(outcome.stderr)"
        )
      }
    }
    let starter = try Veil.run(["init", "in.ndjson"], directory: scratch.root)
    #expect(starter.text.contains("5 fields are not listed"), "\(starter.text)\(starter.stderr)")
  }
}
