import Foundation
import Testing

/// Lists of people as other programs write them: nobody on them is passed over in silence.
@Suite struct PeopleListTests {
  private func published() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("in.csv", "id,v\nJäger,1\nP2,2\nP3,3\n")
    try scratch.write(
      "p.yaml",
      """
      version: 1
      name: lists
      manifest: out/m.json
      source: {path: in.csv, subject: id}
      fields: {id: keep, v: keep}
      sink: {path: out/x.csv}

      """)
    #expect(try scratch.veil("run p.yaml").status == 0)
    return scratch
  }

  @Test(
    "marks, encodings and blanks do not hide anybody",
    arguments: [
      Data([0xEF, 0xBB, 0xBF]) + Data("Jäger\r\nP3\r\n".utf8),
      Data([0xFF, 0xFE]) + ("Jäger\nP3\n".data(using: .utf16LittleEndian) ?? Data()), Data(" Jäger\t\n P3 ".utf8),
    ])
  func areFound(_ list: Data) throws {
    let scratch = try published()
    try scratch.write("gone.txt", list)
    let erased = try scratch.veil("erase --list gone.txt out --pipeline p.yaml")
    #expect(
      erased.status == 0 && erased.text.contains("2 records leave, 1 stay; 2 of "), "\(erased.text)\(erased.stderr)")
    #expect(try scratch.text("out/x.csv") == "id,v\nP2,2\n")
  }

  @Test(
    "what cannot be read as people is refused",
    arguments: [
      (Data([0x4A, 0xE4, 0x67, 0x65, 0x72, 0x0A]), "not UTF-8"), (Data("\"P2\"\n".utf8), "line 1 stands in quotes"),
      (Data([0x50, 0x4B, 3, 4, 20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]), "zip archive"),
    ])
  func isRefused(_ list: Data, _ reason: String) throws {
    let scratch = try published()
    try scratch.write("gone.txt", list)
    let erased = try scratch.veil("erase --list gone.txt out --pipeline p.yaml")
    #expect(erased.status == 3 && erased.stderr.contains(reason), "\(erased.stderr)")
    #expect(try scratch.text("out/x.csv").contains("P2"))
  }
}
