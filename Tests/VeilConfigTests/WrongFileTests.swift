import Foundation
import Testing

@testable import VeilConfig

/// Files that were named by mistake: nothing of them is shown.
@Suite struct WrongFileTests {
  static let hex = (0..<32).map { String(format: "%02x", ($0 * 89 + 91) & 255) }.joined()

  private static let data = [
    "{\"version\": 1, \"source\": \"Kaufmann\", \"fields\": {\"name\": \"Kaufmann\"}}\n",
    "{\n  \"version\": 1,\n  \"source\": {\"path\": \"Kaufmann\"},\n  \"fields\": {\"name\": \"Kaufmann\"}\n}\n",
    "version: 3\nsource: Kaufmann\nfields: Kaufmann\n", "version: 1\nname: x\nsource: Kaufmann\nfields:\n  a: keep\n",
    "version: 1\nfields:\n  name: Kaufmann\n  city: Kaufmann\n", "source,fields,version\nKaufmann,a,b\n",
    "fields: {Kaufmann: 1}\n", "version: 1\nKaufmann: 2\nAnna Kaufmann: 3\nfields: {a: keep}\n",
    "hex: Kaufmann\n", "Kaufmann", "- Kaufmann\n- Kaufmann: 2\n", "\"Kaufmann", "Kaufmann: [",
  ]

  @Test(arguments: data) func dataNamedAsAPipelineShowNothing(text: String) {
    let shown = parse(text).diagnostics.render()
    #expect(shown.contains("this is no pipeline: "), "\(shown)")
    #expect(!shown.contains("Kaufmann"), "\(shown)")
    #expect(!parse(text).diagnostics.renderWithoutNotes().contains("Kaufmann"))
  }

  @Test(arguments: data) func dataNamedAsAnotherFileShowNothing(text: String) {
    let bytes = Array(text.utf8)
    for told in [
      KeyRingParser.parse(bytes: bytes, path: "x").diagnostics, PolicyParser.parse(bytes: bytes, path: "x").diagnostics,
      RecipientsParser.parse(bytes: bytes, path: "x").diagnostics,
      PrivacyBudgetParser.parse(bytes: bytes, path: "x").diagnostics,
    ] {
      #expect(!told.render().contains("Kaufmann"), "\(told.render())")
      #expect(!told.told.contains { $0.message.contains("Kaufmann") })
    }
  }

  /// A pipeline with mistakes is still told what they are, and where.
  @Test(arguments: [
    "version: 1\nname: x\nsource: {path: a.csv}\nfileds: {a: keep}\n",
    "version: 1\nname: x\nfields: {a: keep, b: hsah}\n",
    "version: 2\nname: x\nfields:\n  a: keep\nsink: {path: b.csv}\n",
    "# A comment.\nversion: 1\nname: x\nsource:\n  path: [\nfields:\n  a: keep\n",
    "---\nversion: 1\nsink:\n  path: b.csv\nfields:\n- a\n",
  ]) func aPipelineWithMistakesIsShown(text: String) {
    let shown = parse(text).diagnostics.render()
    #expect(!shown.contains("this is no pipeline"), "\(shown)")
    #expect(shown.contains("\n    "), "\(shown)")
  }

  @Test func ringsAndBudgetsShowNoLine() {
    let ring = "version: 1\nkeys:\n  k1: {state: on, file: Kaufmann.key}\n"
    let budget = "version: 1\nepsilon: 3\nspent:\n  - {at: Kaufmann, epsilon: two, delta: 0}\n"
    for told in [
      KeyRingParser.parse(bytes: Array(ring.utf8), path: "x").diagnostics,
      PrivacyBudgetParser.parse(bytes: Array(budget.utf8), path: "x").diagnostics,
    ] {
      #expect(told.hasErrors && !told.render().contains("Kaufmann"), "\(told.render())")
      #expect(!told.render().contains("this is no"), "\(told.render())")
    }
  }

  @Test func aFileThatCannotBeReadSaysWhy() {
    #expect(PipelineParser.load(path: "/nonexistent", stageNames: []).diagnostics.render().contains("cannot be read"))
    #expect(parse("").diagnostics.render().contains("the file is empty"))
    #expect(KeyRingParser.load(path: "/").diagnostics.render().contains("is a folder"))
  }

  // MARK: What looks like a key

  @Test(arguments: [
    "hex:\(hex)", "HEX:\(hex)", "x hex:00112233", "base64:AAAABBBB", hex, hex.uppercased(), "file: \(hex.prefix(32))",
    "Zm9vYmFyIGJhciBmb28gMTIzNDU2Nzg5MCBhYmNkZWZnaGk9", "a/b/\(hex).key",
  ]) func keysAreHidden(text: String) {
    let hidden = KeyShape.hiding(text)
    #expect(hidden.contains("********") && hidden.count == text.count, "\(hidden)")
    #expect(KeyShape.isIn(text))
    #expect(!quote(text).contains(text.suffix(8)) || text.hasSuffix(".key"))
  }

  @Test(arguments: [
    "hex:", "keys/customers.key", "/home/anna/pipelines/customers/2026/marketing-export.yaml", "0123456789abcdef",
    "/dev/shm/veil-tests-aB3xYz/veil-test-Qw8PlK/pipelines/p", "/tmp/veil-story-1B2C3D4E-5F60-4A7B-8C9D-0E1F2A3B4C5D/p",
    "a_rather_long_name_of_a_field_that_somebody_chose", "base64", "hex: 0011",
  ]) func otherTextStays(text: String) {
    #expect(KeyShape.hiding(text) == text)
    #expect(!KeyShape.isIn(text))
  }

  @Test func digestsStayWhereOnlyPrefixesCount() {
    #expect(KeyShape.hidingPrefixed("sha256 \(Self.hex)") == "sha256 \(Self.hex)")
    #expect(!KeyShape.hidingPrefixed("hex:\(Self.hex)").contains(Self.hex.prefix(8)))
  }

  @Test(arguments: [
    "{file: \"hex:\(hex)\"}", "{file: \(hex)}", "{ring: \"hex:\(hex)\"}", "{command: [echo, \"hex:\(hex)\"]}",
    "{wrapped: {file: \"hex:\(hex)\", passphrase: {env: P}}}", "{env: a\(hex)}",
    "{wrapped: {file: a, passphrase: {file: \"base64:\(hex)\"}}}",
  ]) func aKeyInPlaceOfItsPlaceIsNotShown(place: String) {
    let (config, diagnostics) = parse("version: 1\nname: x\nfields: {a: keep}\nkeys:\n  k: \(place)\n")
    let shown = diagnostics.render()
    #expect(config == nil && shown.contains("seems to stand here itself"), "\(shown)")
    #expect(!shown.contains(Self.hex.prefix(8)), "\(shown)")
  }

  // MARK: Commands and variables

  @Test func commandsHaveATime() throws {
    func source(_ text: String) throws -> KeyConfig.Source? { try config("keys: {k: \(text)}").keys.first?.source }
    #expect(try source("{command: [a, b]}") == .command(["a", "b"], seconds: 60))
    #expect(try source("{command: [a], timeout: 90s}") == .command(["a"], seconds: 90))
    #expect(try source("{command: [a], timeout: 5m}") == .command(["a"], seconds: 300))
    for wrong in ["0s", "90", "2h", "-1s", "61m", "s"] {
      #expect(
        errors("keys: {k: {command: [a], timeout: \(wrong)}}").first?.contains("'timeout' must be a time") == true)
    }
    #expect(errors("keys: {k: {file: a, timeout: 5s}}").first?.contains("'timeout' goes with 'command' alone") == true)
  }

  @Test(arguments: ["PATH", "HOME", "USER", "LC_ALL", "XDG_RUNTIME_DIR", "HOSTNAME", "PWD"])
  func variablesThatProgramsSetAreNoKeys(name: String) {
    #expect(
      errors("keys: {k: {env: \(name)}}").first?.contains("\(name) is a variable that programs set, and holds no key")
        == true)
  }
}
