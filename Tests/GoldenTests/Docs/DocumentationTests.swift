import Foundation
import Testing

/// What the pages show is what the program does.
@Suite struct DocumentationTests {
  @Test func stagesOfThePageAreTheCatalogues() throws {
    let page = try Repository.text("docs/stages.md")
    let shown = try #require(page.firstMatch(of: /(?s)<!-- stages -->\n(.*?)<!-- \/stages -->/)).output.1
    let outcome = try Veil.run(["stages", "--markdown"])
    #expect(outcome.status == 0)
    #expect(shown == outcome.text, "run `make reference`")
  }

  // MARK: Commands

  /// The pages with fenced `sh` blocks, and the tests that run them.
  private static let runners = [
    "README.md": "DocumentationTests", "CONTRIBUTING.md": "DocumentationTests",
    "docs/operations.md": "DocumentationTests", "docs/reliability.md": "DocumentationTests",
    "docs/principles.md": "PrinciplesTests", "docs/releases.md": "ReleaseTests",
  ]

  @Test func everyCommandIsRunByATest() throws {
    let pages = try Pages.all.filter { try !Pages.commands($0).isEmpty }
    #expect(Set(pages) == Set(Self.runners.keys), "which test runs the commands of this page?")
  }

  /// Every fenced `sh` block runs as it stands, in a copy of the repository. Targets of `make` must exist.
  @Test(arguments: runners.filter { $0.value == "DocumentationTests" }.keys.sorted())
  func commandsRun(_ page: String) throws {
    let scratch = try GoldenPipeline.workspace()
    try FileManager.default.removeItem(atPath: scratch.path("pipelines/keys"))
    try FileManager.default.createDirectory(atPath: scratch.path("bin"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: scratch.path("bin/veil"), withDestinationPath: Veil.path)
    try scratch.copy(Repository.path("scripts"), to: "scripts")
    if page == "docs/operations.md" { try quarantine(in: scratch) }
    if page == "CONTRIBUTING.md" {
      let debug = scratch.path(".build/debug")
      try FileManager.default.createDirectory(atPath: debug, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: debug + "/veil", withDestinationPath: Veil.path)
    }
    let makefile = try Repository.text("Makefile") + Repository.text("benchmarks/bench.mk")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"

    var ran = 0
    for block in try Pages.commands(page) {
      var lines: [Substring] = []
      for line in block.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.first == "make" else {
          lines.append(line)
          continue
        }
        for target in words.dropFirst().prefix(while: { $0 != "#" }) where !target.contains("=") {
          #expect(makefile.contains("\n\(target):"), "\(line)")
        }
      }
      guard lines.contains(where: { !$0.hasPrefix("#") && !$0.isEmpty }) else { continue }
      let outcome = try Command.run(
        "bash", ["-euo", "pipefail", "-c", lines.joined(separator: "\n")],
        environment: ["PATH": "\(scratch.path("bin")):\(path)"], directory: scratch.root)
      #expect(outcome.status == 0, "\(lines.joined(separator: "\n"))\n\(outcome.stderr)")
      ran += 1
    }
    if page == "README.md" { #expect(ran >= 3) }
    if page == "CONTRIBUTING.md" { #expect(ran == 1) }
  }

  /// What docs/operations.md takes to be there: an encrypted quarantine, and the key that opens it. Where there is no `jq`,
  /// Python does what the page asks of it.
  private func quarantine(in scratch: Scratch) throws {
    let certificate = try Command.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "steward.key", "-out", "steward.pem", "-days", "30",
        "-subj", "/CN=steward",
      ], directory: scratch.root)
    #expect(certificate.status == 0, "\(certificate.stderr)")
    let rule = "{action: skip, quarantine: bad.jsonl.cms, raw: {certificate: steward.pem}}"
    let outcome = try scratch.run(TestPipeline(more: ["bad_records: \(rule)"]), on: Data("a,b\n1,2\n3\n".utf8))
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let isThere = try Command.run("bash", ["-c", "command -v jq"]).status == 0
    if !isThere {
      try scratch.write(
        "bin/jq", "#!/usr/bin/env python3\nimport json, sys\nfor line in sys.stdin: print(json.loads(line)['raw'])\n",
        mode: 0o700)
    }
  }

  @Test func theDemoShowsBeforeAndAfter() throws {
    let scratch = try GoldenPipeline.workspace()
    try FileManager.default.removeItem(atPath: scratch.path("pipelines/keys"))
    try scratch.copy(Repository.path("scripts"), to: "scripts")
    var keys: [Data] = []
    for _ in 0..<2 {
      let outcome = try Command.run("bash", [scratch.path("scripts/demo.sh"), Veil.path])
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(outcome.text.contains("Dropped: full_name, street, diagnosis, notes"))
      #expect(outcome.text.contains("2000 records"))
      #expect(outcome.text.contains(scratch.path("pipelines/out/marketing-export.csv")))
      keys.append(try scratch.data("pipelines/keys/demo.key"))
    }
    #expect(keys.count == 2 && keys[0] == keys[1], "a second run keeps the key")
  }
}
