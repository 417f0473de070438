import Foundation
import Testing

@testable import VeilEngine

/// A run never replaces what it reads, nor one of its outputs by another.
@Suite("Paths in each other's way")
struct PathConflictTests {
  private let yaml = """
    source: {path: in.csv}
    records: {erasure: {file: gone.csv, column: a, field: a}}
    fields: {a: keep}
    sink: {path: out.csv}

    """

  private func rig() throws -> RunRig { try RunRig(["in.csv": "a\n1\n", "gone.csv": "a\n2\n"]) }

  @Test(
    "An output over an input, the pipeline or the erasure list",
    arguments: ["in.csv", "p.yaml", "gone.csv", "./in.csv", "link.csv"])
  func overInput(name: String) throws {
    let rig = try rig()
    try FileManager.default.linkItem(atPath: rig.folder("in.csv"), toPath: rig.folder("link.csv"))
    for isManifest in [false, true] {
      let result = try rig.run(yaml) {
        if isManifest { $0.manifest = rig.folder(name) } else { $0.output = rig.folder(name) }
      }
      #expect(result.kind == .invalid && result.message.contains(name), "\(result)")
      #expect(rig.text("in.csv") == "a\n1\n" && rig.text("gone.csv") == "a\n2\n" && rig.text("out.csv") == nil)
    }
  }

  @Test("A crosswalk, a key of a ring and the population are files like any other")
  func rings() throws {
    let rig = try RunRig(["in.csv": "a,q\n1,x\n2,x\n", "people.csv": "q\nx\nx\nx\n"])
    _ = try KeyRingFile.create(rig.folder("k.ring.yaml"), passphrase: nil, notAfter: nil)
    _ = try KeyRingFile.rotate(rig.folder("k.ring.yaml"), notAfter: nil)
    let key = try #require(rig.folder.names.first { $0.contains("k1") })
    let before = rig.folder.names
    let head = "source: {path: in.csv}\nkeys: {k: {ring: k.ring.yaml}}\n"
    for path in ["in.csv", "k.ring.yaml", "p.yaml", "m.json"] {
      let yaml = head + "fields: {a: {pseudonym: {key: k, crosswalk: \(path)}}, q: drop}\nsink: {path: out.csv}\n"
      let result = try rig.run(yaml) { $0.manifest = rig.folder("m.json") }
      #expect(result.kind == .invalid && result.message.contains(path), "\(path): \(result.message)")
    }
    let keyed = head + "fields: {a: {pseudonym: {key: k}}, q: drop}\nsink: {path: \(key), format: csv}\n"
    #expect(try rig.run(keyed).kind == .invalid)
    let people = """
      source: {path: in.csv}
      fields: {a: drop, q: {class: quasi}}
      anonymity: {k: 2, population: people.csv, k_map: 2}
      sink: {path: people.csv}

      """
    #expect(try rig.run(people).kind == .invalid)
    #expect(Set(rig.folder.names) == Set(before).union(["p.yaml"]), "\(rig.folder.names)")
  }

  @Test("Paths that meet in a folder which is yet to be made")
  func folderToCome() throws {
    let rig = try rig()
    let result = try rig.run(yaml) {
      $0.output = rig.folder("new/x.csv")
      $0.report = rig.folder("new/./x.csv")
    }
    #expect(result.kind == .invalid && rig.text("new/x.csv") == nil, "\(result.message)")
  }

  @Test("A manifest over the export")
  func manifestOverExport() throws {
    let rig = try rig()
    for name in ["out.csv", "./out.csv"] {
      for isThere in [false, true] {
        if isThere { try rig.add("out.csv", [0x61]) }
        let result = try rig.run(yaml) { $0.manifest = rig.folder(name) }
        #expect(result.kind == .invalid, "\(result)")
        #expect(rig.text("out.csv") == (isThere ? "a" : nil))
        try? FileManager.default.removeItem(atPath: rig.folder("out.csv"))
      }
    }
    let fine = try rig.run(yaml) { $0.manifest = rig.folder("out.json") }
    #expect(fine.kind == nil && rig.folder.names == ["gone.csv", "in.csv", "out.csv", "out.json", "p.yaml"])
  }

  @Test("An input pattern that meets the export of an earlier run")
  func globMeetsExport() throws {
    let rig = try rig()
    let yaml = "source: {path: \"[io]*.csv\"}\nfields: {a: keep}\nsink: {path: out.csv}\n"
    #expect(try rig.run(yaml).kind == nil)
    let again = try rig.run(yaml)
    #expect(again.kind == .invalid && rig.text("out.csv") == "a\n1\n", "\(again)")
  }

  @Test("Devices are in nobody's way")
  func devices() throws {
    let rig = try rig()
    #expect(
      try rig.run(yaml) {
        $0.output = "/dev/null"
        $0.manifest = "/dev/null"
      }.kind == nil)
  }
}
