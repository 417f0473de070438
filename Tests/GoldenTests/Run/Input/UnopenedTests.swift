import Foundation
import Testing

/// Pipes, sockets and devices that stand where a file should are refused without being opened, so that nothing waits.
@Suite struct UnopenedTests {
  private func scratch(_ source: String, more: String = "") throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(
      "p.yaml",
      """
      version: 1
      name: pipes
      source: {path: "\(source)", subject: id}
      keys: {k: {env: VEIL_TEST_KEY}}
      fields:
        id: {pseudonym: {key: k}}
        city: keep
      sink: {path: out.csv}
      \(more)
      """)
    try scratch.write("in/a.csv", "id,city\n1,Bonn\n")
    try scratch.write("in.csv", "id,city\n1,Bonn\n")
    #expect(mkfifo(scratch.path("pipe"), 0o600) == 0)
    #expect(mkfifo(scratch.path("pipe.csv"), 0o600) == 0)
    return scratch
  }

  @Test(arguments: ["in", "in/*.csv", "in/?.csv"]) func foldersAndPatterns(_ source: String) throws {
    for (other, words) in [("b.csv", "is a pipe"), ("c.csv", "is a device")] {
      let scratch = try scratch(source)
      if other == "b.csv" {
        #expect(mkfifo(scratch.path("in/b.csv"), 0o600) == 0)
      } else {
        try FileManager.default.createSymbolicLink(atPath: scratch.path("in/c.csv"), withDestinationPath: "/dev/zero")
      }
      let outcome = try scratch.veil("run p.yaml")
      #expect(outcome.status == 3 && outcome.stderr.contains("in/\(other) \(words)"), "\(outcome.stderr)")
      #expect(!scratch.exists("out.csv"))
    }
  }

  @Test(arguments: [
    "records: {erasure: {file: pipe.csv, column: id, field: id}}", "records: {corrections: {file: pipe.csv}}",
    "purpose: x\nrecords: {consent: {ledger: pipe.csv}}",
  ])
  func lists(_ records: String) throws {
    let scratch = try scratch("in.csv", more: records)
    let outcome = try scratch.veil("run p.yaml")
    #expect(outcome.status == 3 && outcome.stderr.contains("it is a pipe"), "\(outcome.stderr)")
  }

  @Test func pipelinesListsAndManifests() throws {
    let scratch = try scratch("in.csv", more: "checks: [{row_count: {within: 20%}}]")
    try scratch.write("out/.keep", "")
    let commands = [
      "run pipe", "check pipe", "explain pipe", "record pipe", "run p.yaml --manifest pipe",
      "erase --list pipe out --pipeline p.yaml", "erase --list pipe.csv --column id out --pipeline p.yaml",
      "find --subject x out --pipeline pipe", "find --subject x out --pipeline p.yaml --private-key pipe",
      "audit verify pipe", "run p.yaml --plan pipe", "run p.yaml --audit pipe", "verify pipe.csv --pipeline p.yaml",
      "link in.csv pipe.csv", "risk --attack pipe.csv in.csv --control in/a.csv --quasi city",
    ]
    for command in commands {
      let outcome = try scratch.veil(command)
      #expect([1, 2, 3].contains(outcome.status), "\(command): \(outcome.status) \(outcome.stderr)")
    }
  }

  /// What the caller hands over is read as before.
  @Test func standardInputStillWorks() throws {
    for input in ["-", "/dev/stdin"] {
      let scratch = try scratch("\(input)\", format: csv, subject: \"id")
      let pipeline = try scratch.text("p.yaml").replacing("subject: \"id\", subject: id", with: "subject: id")
      try scratch.write("p.yaml", pipeline)
      let outcome = try Veil.run(
        ["run", "p.yaml"], stdin: Data("id,city\n1,Bonn\n".utf8), environment: TestKey.environment,
        directory: scratch.root)
      #expect(outcome.status == 0, "\(outcome.stderr)")
    }
  }
}
