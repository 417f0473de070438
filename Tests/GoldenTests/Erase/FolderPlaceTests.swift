import Foundation
import Testing

/// Every place of a folder of exports is looked at by `find` and `erase`, or named with a status other than 0.
@Suite struct FolderPlaceTests {
  private static let pipeline = Shop.pipeline(keeping: ["city"])

  private func published() throws -> Scratch {
    try Shop.published(Self.pipeline, input: "email,city\nada@x.org,Bonn\nbob@x.org,Kiel\n")
  }

  private func find(_ scratch: Scratch, status: Int32) throws -> String {
    let outcome = try scratch.veil("find --subject ada@x.org out --pipeline p.yaml")
    #expect(outcome.status == status, "\(outcome.text)\(outcome.stderr)")
    return outcome.text
  }

  private func erase(_ scratch: Scratch, _ more: String = "", status: Int32) throws -> String {
    let outcome = try scratch.veil("erase --list gone.txt out --pipeline p.yaml" + more)
    #expect(outcome.status == status, "\(outcome.text)\(outcome.stderr)")
    return outcome.text + outcome.stderr
  }

  /// Something beside the export that may hold the person: both commands name it, and change nothing.
  private func checkNamed(_ place: String, _ reason: String, _ scratch: Scratch) throws {
    let before = try scratch.data("out/x.csv")
    let found = try find(scratch, status: 1)
    #expect(found.contains("NOT SEARCHED: \(place): ") && found.contains(reason), "\(place): \(found)")
    #expect(try erase(scratch, status: 1).contains("\(place): "), "\(place)")
    #expect(try scratch.data("out/x.csv") == before)
  }

  @Test func everythingElseInTheFolderIsNamed() throws {
    let scratch = try published()
    let copy = try scratch.data("out/x.csv")
    for name in ["x.csv.bak", "x.old", "x.txt", "x", ".x.csv.swp", "sub/x.xlsx", ".hidden/x.csv"] {
      try scratch.write("out/\(name)", copy)
      let place = name.hasPrefix(".hidden") ? "out/.hidden" : "out/\(name)"
      try checkNamed(place, name.hasPrefix(".hidden") ? "hidden folder" : "no manifest here names it", scratch)
      try FileManager.default.removeItem(atPath: scratch.path(place))
    }
    // What is empty holds nobody.
    try scratch.write("out/.keep", "")
    _ = try find(scratch, status: 0)
  }

  @Test func linksAreNamedAndNotFollowed() throws {
    let scratch = try published()
    try scratch.write("away/x.csv", try scratch.data("out/x.csv"))
    for (name, target) in [("folder", "../away"), ("file.csv", "../away/x.csv"), ("dangling", "nowhere")] {
      try FileManager.default.createSymbolicLink(atPath: scratch.path("out/\(name)"), withDestinationPath: target)
      try checkNamed("out/\(name)", "is a link", scratch)
      let pruned = try scratch.veil("prune out --as-of 2026-06-02")
      #expect(pruned.status == 1 && pruned.text.contains("REFUSED: out/\(name)"), "\(pruned.text)")
      try FileManager.default.removeItem(atPath: scratch.path("out/\(name)"))
    }
    // An export that was replaced by a link.
    try FileManager.default.removeItem(atPath: scratch.path("out/x.csv"))
    try FileManager.default.createSymbolicLink(atPath: scratch.path("out/x.csv"), withDestinationPath: "../away/x.csv")
    #expect(!(try find(scratch, status: 1)).contains("FOUND"))
  }

  @Test func pipesSocketsAndDevicesAreNotOpened() throws {
    let scratch = try published()
    #expect(mkfifo(scratch.path("out/pipe.csv"), 0o600) == 0)
    try checkNamed("out/pipe.csv", "is a pipe", scratch)
    #expect(try scratch.veil("prune out --as-of 2026-06-02").status == 0)
    // In the export's own place.
    try FileManager.default.removeItem(atPath: scratch.path("out/pipe.csv"))
    try FileManager.default.removeItem(atPath: scratch.path("out/x.csv"))
    #expect(mkfifo(scratch.path("out/x.csv"), 0o600) == 0)
    #expect(try find(scratch, status: 1).contains("NOT SEARCHED: out/x.csv"))
    #expect(try erase(scratch, status: 1).contains("out/x.csv"))
    let pruned = try scratch.veil("prune out --as-of 2027-01-01")
    #expect(pruned.status == 1 && pruned.text.contains("REFUSED: out/x.csv"), "\(pruned.text)")
  }

  @Test func whatWasPrunedAndIsThereAgainIsLookedAt() throws {
    let scratch = try published()
    let export = try scratch.data("out/x.csv")
    #expect(try scratch.veil("prune out --as-of 2027-01-01").status == 0)
    #expect(!scratch.exists("out/x.csv"))
    #expect(try find(scratch, status: 0).contains("found in 0 of 0"))
    try scratch.write("out/x.csv", export)
    let found = try find(scratch, status: 0)
    #expect(found.contains("FOUND: out/x.csv") && found.contains("is there again"), "\(found)")
    #expect(try erase(scratch, status: 1).contains("is there again"))
    let again = try scratch.veil("prune out --as-of 2027-01-01")
    #expect(again.status == 0 && again.text.contains("out/x.csv: deleted"), "\(again.text)")
    #expect(!scratch.exists("out/x.csv"))
    try scratch.write("out/x.csv", "email,city\nx,y\n")
    #expect(try scratch.veil("prune out --as-of 2027-01-01").status == 1)
  }

  @Test func plansAndHistogramsAreNamed() throws {
    let scratch = try published()
    try scratch.write(
      "q.yaml",
      """
      version: 1
      name: k
      source: {path: in.csv, subject: email}
      keys: {k: {env: VEIL_TEST_KEY}}
      fields:
        email: drop
        city: {class: quasi, stages: [keep], because: "a test"}
      anonymity: {k: 2, suppress: 100%}
      sink: {path: k.csv}
      """)
    let made = try scratch.veil("run q.yaml --save-plan out/saved")
    #expect(made.status == 0, "\(made.stderr)")
    try checkNamed("out/saved", "is a plan", scratch)
  }

  /// A manifest that cannot be read is never taken for none, whatever it is called.
  @Test func manifestsThatCannotBeReadAreNamed() throws {
    let scratch = try published()
    let manifest = try scratch.text("out/shop.manifest.json")
    let damaged: [(String, Data)] = [
      ("shop.manifest.json", Data(manifest.dropLast(20).utf8)), ("shop.manifest.json", Data()),
      ("shop.manifest.json", Data(repeating: 0, count: 300)), ("shop.manifest.json", Data(manifest.dropFirst(90).utf8)),
      ("shop.manifest.json", manifest.data(using: .utf16LittleEndian) ?? Data()),
      ("night.json", Data(manifest.dropFirst(90).utf8)), ("night.json", Data()),
      ("night.txt", Data(manifest.dropLast(20).utf8)),
    ]
    for (name, bytes) in damaged {
      try FileManager.default.removeItem(atPath: scratch.path("out/shop.manifest.json"))
      try scratch.write("out/\(name)", bytes)
      let pruned = try scratch.veil("prune out --as-of 2027-01-01")
      #expect(pruned.status == 1 && pruned.text.contains("REFUSED: out/\(name)"), "\(pruned.text)")
      #expect(!pruned.text.contains("nothing has expired") && scratch.exists("out/x.csv"))
      #expect(try find(scratch, status: 1).contains("NOT SEARCHED: out/\(name)"))
      try FileManager.default.removeItem(atPath: scratch.path("out/\(name)"))
      try scratch.write("out/shop.manifest.json", manifest)
    }
  }

  @Test(arguments: ["m.txt", "manifest", "x.csv.info"]) func manifestsMayHaveAnyName(_ name: String) throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.pipeline.replacing("shop.manifest.json", with: name))
    try scratch.write("in.csv", "email,city\nada@x.org,Bonn\nbob@x.org,Kiel\n")
    try scratch.write("gone.txt", "ada@x.org\n")
    #expect(try scratch.veil("run p.yaml --as-of 2026-06-01").status == 0)
    #expect(try find(scratch, status: 0).contains("FOUND: out/x.csv"))
    _ = try erase(scratch, status: 0)
    #expect(try find(scratch, status: 0).contains("not in: out/x.csv"))
    #expect(try scratch.veil("prune out --as-of 2027-01-01").text.contains("out/x.csv: deleted"))
  }

  /// Copies of a manifest describe the same file: it is rewritten once, and all of them say so.
  @Test func allManifestsOfAFileAreRewritten() throws {
    let scratch = try published()
    try scratch.copy(scratch.path("out/shop.manifest.json"), to: "out/shop.manifest.json.bak")
    _ = try erase(scratch, status: 0)
    #expect(try find(scratch, status: 0).contains("found in 0 of 1"))
    #expect(try !scratch.text("out/shop.manifest.json.bak").contains("\"erased_records\": 0"))
    #expect(try scratch.text("out/shop.manifest.json.bak").contains("\"erased_records\": 1"))
  }

  /// An older manifest whose export a newer run has replaced is no obstacle.
  @Test func replacedExportsAreNotLookedFor() throws {
    let scratch = try published()
    try scratch.copy(scratch.path("out/shop.manifest.json"), to: "out/old.manifest.json")
    try scratch.write("in.csv", "email,city\nada@x.org,Bonn\ncy@x.org,Ulm\n")
    #expect(try scratch.veil("run p.yaml --as-of 2026-06-03").status == 0)
    #expect(try find(scratch, status: 0).contains("found in 1 of 1"))
    _ = try erase(scratch, status: 0)
  }

  /// Another name of the file that is replaced would keep the people.
  @Test func hardLinksAreNamed() throws {
    let scratch = try published()
    #expect(link(scratch.path("out/x.csv"), scratch.path("elsewhere.csv")) == 0)
    #expect(try erase(scratch, status: 1).contains("hard links"))
    #expect(try scratch.text("elsewhere.csv") == scratch.text("out/x.csv"))
    try FileManager.default.removeItem(atPath: scratch.path("elsewhere.csv"))
    _ = try erase(scratch, status: 0)
  }

  /// A folder with all that Veil writes beside exports answers 0.
  @Test func ownFilesAreKnown() throws {
    let scratch = try Scratch()
    try scratch.write(
      "p.yaml",
      Self.pipeline.replacing("source: {path: in.csv", with: "source: {path: 'in/*.csv'")
        + """
        state: out/shop.state
        audit: out/audit.jsonl
        lineage: out/shop.lineage.json
        bad_records: {action: skip, limit: 5, quarantine: out/bad.jsonl}

        """)
    try scratch.write("in/a.csv", "email,city\nada@x.org,Bonn\nbroken\nbob@x.org,Kiel\n")
    try scratch.write("gone.txt", "ada@x.org\n")
    try scratch.write("out/budget.yaml", "version: 1\nepsilon: 3\ndelta: 0.001\nspent:\n")
    let made = try scratch.veil("run p.yaml --report out/report.json --metrics out/shop.prom")
    #expect(made.status == 0, "\(made.stderr)")
    #expect(try scratch.veil("record p.yaml --json").status == 0)
    try scratch.write("out/record.json", try scratch.veil("record p.yaml --json").stdout)
    try scratch.write("out/explained.json", try scratch.veil("explain p.yaml --json").stdout)
    #expect(
      Set(try scratch.list("out")).isSuperset(of: [
        "shop.state", "audit.jsonl", "shop.lineage.json", "bad.jsonl", "report.json", "shop.prom", "x.csv",
      ]))
    #expect(try find(scratch, status: 0).contains("found in 1 of 1 exports\n"))
    _ = try erase(scratch, status: 0)
    #expect(try find(scratch, status: 0).contains("found in 0 of 1 exports\n"))
    #expect(try scratch.veil("prune out --as-of 2026-01-01").status == 0)
    // A line that is not Veil's own makes it another file.
    try scratch.write("out/bad.jsonl", try scratch.text("out/bad.jsonl") + "{\"email\": \"ada@x.org\"}\n")
    #expect(try find(scratch, status: 1).contains("NOT SEARCHED: out/bad.jsonl"))
  }

  /// Random folders and five people each; `make stress` looks at 500 of them.
  @Test func randomFoldersAgreeWithASearchOfAllBytes() throws {
    let count = "8"
    let environment = ["VEIL_BIN": Veil.path, "TMPDIR": NSTemporaryDirectory(), "FOLDERS": count]
    let program = try Command(
      "python3", [Repository.support("faults/published_folders.py")], environment: environment)
    let outcome = try program.finish(within: 1200)
    #expect(outcome.status == 0 && outcome.text.contains("searched \(count) folders"), "\(outcome.stderr.suffix(3000))")
  }
}
