import Foundation
import Testing

/// What the README shows is what the program does.
@Suite struct DocumentationTests {
  @Test func stagesInTheReadmeAreTheCatalogues() throws {
    let page = try Repository.text("README.md")
    let shown = try #require(page.firstMatch(of: /(?s)<!-- stages -->\n(.*?)<!-- \/stages -->/)).output.1
    let outcome = try Veil.run(["stages", "--markdown"])
    #expect(outcome.status == 0)
    #expect(shown == outcome.text, "run `make reference`")
  }

  /// Every fenced `sh` block runs as it stands, in a copy of the repository. Targets of `make` must exist.
  @Test func commandsInTheReadmeRun() throws {
    let scratch = try GoldenPipeline.workspace()
    try FileManager.default.removeItem(atPath: scratch.path("pipelines/keys"))
    try FileManager.default.createDirectory(atPath: scratch.path("bin"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: scratch.path("bin/veil"), withDestinationPath: Veil.path)
    try scratch.copy(Repository.path("scripts"), to: "scripts")
    let makefile = try Repository.text("Makefile")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"

    var ran = 0
    for block in try Repository.text("README.md").matches(of: /(?s)```sh\n(.*?)```/) {
      var lines: [Substring] = []
      for line in block.output.1.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.first == "make" else {
          lines.append(line)
          continue
        }
        for target in words.dropFirst().prefix(while: { $0 != "#" }) {
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
    #expect(ran >= 3)
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
