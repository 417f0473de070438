import Foundation
import Testing

@testable import VeilEngine

@Suite struct InputFileTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test func filesAreReadAsTheirNameSays() throws {
    let text = sampleText(300_000)
    for (name, stored) in [("a.csv", text), ("a.csv.gz", try gzipped(text)), ("a.csv.ZST", try zstandard(text))] {
      let input = try InputFile(path: folder.file(name, stored))
      #expect(try input.readAll() == text)
      #expect(input.byteCount == stored.count)
      let reference = HashingSink(KeepingSink())
      try reference.write(stored)
      #expect(input.sha256 == reference.sha256)
      try input.checkUnchanged()
    }
    let abc = try InputFile(path: folder.file("abc", Array("abc".utf8)))
    _ = try abc.readAll()
    #expect(abc.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func errorsNameTheFile() throws {
    let missing = errorText { _ = try InputFile(path: folder("none.csv")) }
    #expect(missing == "cannot read \(folder("none.csv")): No such file or directory")
    #expect(errorText { _ = try InputFile(path: folder.path) }.contains("Is a directory"))
    #expect(errorText { _ = try InputFile(path: "/etc/hosts\0x") }.contains("Invalid argument"))
  }

  @Test func aFileThatChangesIsNoticed() throws {
    let path = try folder.file("a.csv", sampleText(100))
    let first = try InputFile(path: path)
    let identity = try #require(first.identity)
    _ = try first.readAll()
    try first.checkUnchanged()
    _ = try InputFile(path: path, expecting: identity)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([0x0A]))
    try handle.close()
    #expect(errorText { try first.checkUnchanged() }.contains("was changed"))
    #expect(errorText { _ = try InputFile(path: path, expecting: identity) }.contains("was changed"))
    // Another file under the same name, of the same length.
    try FileManager.default.removeItem(atPath: path)
    let second = try InputFile(path: folder.file("a.csv", sampleText(100)))
    #expect(second.identity != identity)
  }

  @Test func patternsMeetFilesInOrder() throws {
    for name in ["b.csv", "a.csv", "B.csv", "c.txt", "x[1].csv"] { _ = try folder.file(name, [0x61]) }
    #expect(try InputListing(folder("?.csv")).paths == ["B.csv", "a.csv", "b.csv"].map { folder($0) })
    #expect(try InputListing(folder("[ab].*")).paths == ["a.csv", "b.csv"].map { folder($0) })
    #expect(try InputListing(folder("x[1].csv")).paths == [folder("x[1].csv")])
    #expect(try InputListing(folder("none.csv")).paths == [folder("none.csv")])
    #expect(try InputListing("-").paths == ["-"])
    #expect(errorText { try InputListing(folder("*.json")).requireSome() } == "no file matches \(folder("*.json"))")
  }
}
