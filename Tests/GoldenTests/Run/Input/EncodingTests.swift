import Foundation
import Testing

/// Files in other encodings than UTF-8, by the encoding that the pipeline says they have.
@Suite("Encodings of input") struct EncodingTests {
  private static let text = "id,name,city\n1,Zoë,Köln\n2,Åke,Malmö\n"

  @Test(arguments: [
    ("windows-1252", String.Encoding.windowsCP1252), ("iso-8859-1", .isoLatin1), ("utf-16le", .utf16LittleEndian),
    ("utf-16be", .utf16BigEndian),
  ])
  func isReadAsSaid(_ name: String, _ encoding: String.Encoding) throws {
    let scratch = try Scratch()
    let bytes = try #require(Self.text.data(using: encoding))
    let pipeline = TestPipeline(source: "{path: in.csv, encoding: \(name)}")
    let outcome = try scratch.run(pipeline, on: bytes)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == Self.text)

    // `init` writes the encoding down, and its pipeline runs.
    let made = try Veil.run(["init", "in.csv", "--encoding", name, "--output", "made.yaml"], directory: scratch.root)
    #expect(made.status == 0, "\(made.stderr)")
    #expect(try scratch.text("made.yaml").contains("encoding: \(name)"))
    #expect(try Veil.run(["check", "made.yaml"], directory: scratch.root).status == 0)
    #expect(try Veil.run(["profile", "in.csv", "--encoding", name], directory: scratch.root).text.contains("city"))
  }

  @Test("A byte order mark says that it is UTF-16", arguments: ["in.csv", "in.ndjson", "in.json"])
  func markIsEnough(_ file: String) throws {
    let scratch = try Scratch()
    let text =
      switch file {
      case "in.csv": Self.text
      case "in.json": "[{\"id\":1,\"name\":\"Zoë\"}]\n"
      default: "{\"id\":1,\"name\":\"Zoë\"}\n"
      }
    let out = file.replacing("in.", with: "out.")
    let bytes = try Data([0xFF, 0xFE]) + #require(text.data(using: .utf16LittleEndian))
    let pipeline = TestPipeline(source: "{path: \(file)}", sink: "{path: \(out)}")
    let outcome = try scratch.run(pipeline, on: bytes, named: file)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text(out).filter { $0 != "\n" } == text.filter { $0 != "\n" })
  }

  @Test("Every command says which encoding to write down")
  func withoutMark() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", #require(Self.text.data(using: .utf16LittleEndian)))
    try scratch.write("pipeline.yaml", TestPipeline().text)
    for arguments in [
      ["run", "pipeline.yaml"], ["check", "pipeline.yaml", "--input", "in.csv"], ["profile", "in.csv"],
      ["init", "in.csv"],
      ["risk", "in.csv", "--quasi", "city"],
    ] {
      let outcome = try Veil.run(arguments, environment: TestKey.environment, directory: scratch.root)
      #expect(outcome.status == 3 && outcome.stderr.contains("utf-16le"), "\(arguments) \(outcome.stderr)")
    }
  }

  @Test func whatIsNoCharacterStopsTheRun() throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(source: "{path: in.csv, encoding: windows-1252}")
    let outcome = try scratch.run(pipeline, on: Data(Array("id,name\n1,Jos".utf8) + [0x81, 0x0A]))
    #expect(outcome.status == 3 && outcome.stderr.contains("byte offset 13: no character of windows-1252"))
    #expect(!outcome.stderr.contains("Jos") && !FileManager.default.fileExists(atPath: scratch.path("out.csv")))
  }

  @Test func aMisspelledEncodingIsRefused() throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(TestPipeline(source: "{path: in.csv, encoding: window-1252}"), on: Self.text)
    #expect(outcome.status == 2 && outcome.stderr.contains("windows-1252"), "\(outcome.stderr)")
    let profile = try Veil.run(["profile", "in.csv", "--encoding", "klingon"], directory: scratch.root)
    #expect(profile.status == 2 && profile.stderr.contains("--encoding"))
  }

  @Test(
    "A file of another program is named, with the way from there",
    arguments: [
      ("in.csv", "UEFSMRUEFQA=", "Parquet"), ("in.ndjson", "UEFSMRUEFQA=", "Parquet"),
      ("in.json", "UEsDBBQAAAA=", "zip archive"),
      ("in.csv", "H4sIAAAAAAAAAwA=", "gzip data"), ("in.json", "H4sIAAAAAAAAAwA=", "gzip data"),
    ])
  func foreign(_ file: String, _ base64: String, _ word: String) throws {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      source: "{path: \(file)}", sink: "{path: out.csv}", fields: ["a: keep"], unlisted: "drop")
    let outcome = try scratch.run(pipeline, on: try #require(Data(base64Encoded: base64)), named: file)
    #expect(outcome.status == 3 && outcome.stderr.contains(word), "\(outcome.stderr)")
    let profile = try Veil.run(["profile", file], directory: scratch.root)
    #expect(profile.status == 3 && profile.stderr.contains(word), "\(profile.stderr)")
  }
}
