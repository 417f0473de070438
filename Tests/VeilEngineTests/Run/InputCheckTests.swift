import Foundation
import Testing

@testable import VeilEngine
@testable import VeilGround

@Suite("Checking an input")
struct InputCheckTests {
  private func check(_ yaml: String, _ name: String, _ files: [String: String]) throws -> (RunError.Kind?, String) {
    let rig = try RunRig(files)
    chmod(rig.folder("k.key"), 0o600)
    let compiled = try #require(try rig.compile(yaml).0)
    do throws(RunError) {
      try InputCheck.run(compiled, input: rig.folder(name))
      return (nil, "")
    } catch {
      return (error.kind, error.description)
    }
  }

  private let yaml = "source: {format: csv}\nfields: {a: keep}\nsink: {path: out.csv}\n"

  @Test("Fields that fit and fields that do not, in CSV and JSON")
  func fields() throws {
    #expect(try check(yaml, "in.csv", ["in.csv": "a\n1\n"]).0 == nil)
    #expect(try check(yaml, "in.csv", ["in.csv": "a\n1,bad\n"]).0 == .inputOutput)
    #expect(try check(yaml, "in.csv", ["in.csv": "a,b\n1,2\n"]).0 == .mismatch)
    #expect(try check(yaml, "in.csv", [:]).0 == .inputOutput)
    let json = "source: {format: ndjson}\nfields: {a: keep}\nsink: {path: out.csv}\n"
    #expect(try check(json, "in.ndjson", ["in.ndjson": "{\"a\":1}\n"]).0 == nil)
    let (kind, message) = try check(json, "in.ndjson", ["in.ndjson": "{\"a\":1,\"b\":\"secret\"}\n"])
    #expect(kind == .mismatch && message.contains("in.ndjson") && message.contains("'b'"))
    #expect(!message.contains("secret"))
  }

  @Test("An erasure list whose values are pseudonymized first")
  func erasureKeys() throws {
    let rule = """
      keys: {k: {file: k.key}}
      records: {erasure: {file: gone.csv, column: a, field: a, normalize: [{pseudonym: {key: k}}]}}

      """
    let key = "hex:" + String(repeating: "0123456789abcdef", count: 4) + "\n"
    let files = ["in.csv": "a\n1\n", "gone.csv": "a\n2\n", "k.key": key]
    let (kind, message) = try check(yaml + rule, "in.csv", files)
    #expect(kind == nil, "\(message)")
  }
}
