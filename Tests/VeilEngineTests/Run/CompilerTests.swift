import Testing

@testable import VeilEngine

@Suite("Compiling pipelines")
struct CompilerTests {
  private func diagnostics(_ yaml: String) throws -> String {
    let (pipeline, text) = try RunRig().compile(yaml)
    #expect((pipeline == nil) == text.contains("error:"))
    return text
  }

  @Test("A field for certain purposes only is not silently let out for all")
  func purposes() throws {
    let text = try diagnostics("purpose: ads\nfields: {a: {stages: [keep], purposes: [billing]}}\n")
    #expect(text.contains("field 'a' may serve 'billing', and the purpose of this pipeline is 'ads'"), "\(text)")
  }

  @Test("A direct identifier that is kept says why, and makes a claim of anonymity an error")
  func direct() throws {
    let fields = "fields: {a: {class: direct, stages: [keep], because: x}, q: {class: quasi}}\n"
    #expect(try diagnostics(fields + "anonymity: {k: 2, recoding: global}\n").contains("error: 'a' is of class direct"))
    #expect(
      try diagnostics("fields: {a: {class: direct, stages: [keep], because: x}, b: {class: direct, stages: [drop]}}\n")
        == "")
  }

  @Test("A mistake is told once")
  func once() throws {
    let text = try diagnostics("fields: {a: keep}\nanonymity: {k: 3}\n")
    #expect(text.matches(of: /error:/).count == 1, "\(text)")
  }

  @Test("CSV of letters and digits between the cells would not read back", arguments: ["a", "7", "-", "_", ".", "+"])
  func structure(byte: String) throws {
    for section in ["source", "sink"] {
      for option in ["delimiter", "quote"] {
        #expect(
          try diagnostics("\(section): {csv: {\(option): \"\(byte)\"}}\nfields: {a: keep}\n").contains("cannot be"),
          "\(option) \(byte)")
      }
    }
    #expect(try diagnostics("source: {csv: {delimiter: \";\", quote: \"'\"}}\nfields: {a: keep}\n") == "")
  }

  @Test("A quote that is the delimiter of the format the file's name stands for")
  func sameBytes() throws {
    let rig = try RunRig(["in.tsv": "a\tb\n1\t2\n"])
    let result = try rig.run(
      "source: {path: in.tsv, csv: {quote: tab}}\nfields: {a: keep, b: keep}\nsink: {path: out.csv}\n")
    #expect(result.kind == .invalid && rig.text("out.csv") == nil, "\(result)")
  }
}
