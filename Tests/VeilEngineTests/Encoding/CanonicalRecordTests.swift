import Testing
import VeilConfig
import VeilGround

@testable import VeilEngine

/// The one form of JSON records: it depends on values alone, and says all that they say.
@Suite("The one form of a JSON record") struct CanonicalRecordTests {
  /// A JSON value, and ways to write it.
  private indirect enum Value {
    case null
    case word(String)
    /// Digits without zeros at either end, and a power of ten.
    case number(negative: Bool, digits: String, exponent: Int)
    case text(String)
    case list([Value])
    case object([(String, Value)])

    func spelt(_ random: inout some RandomNumberGenerator, addsNothing: Bool = true) -> String {
      func blank(_ random: inout some RandomNumberGenerator) -> String {
        ["", "", " ", "\t", " \r", "  "].randomElement(using: &random) ?? ""
      }
      switch self {
      case .null: return "null"
      case .word(let word): return word
      case .number(let negative, let digits, let exponent):
        let zeros = Int.random(in: 0...3, using: &random)
        let text = digits + String(repeating: "0", count: zeros)
        let power = exponent - zeros
        let sign = negative ? "-" : ""
        let point = Int.random(in: 1...text.count, using: &random)
        let moved = power + text.count - point
        let fraction =
          point < text.count ? "." + text.dropFirst(point) : ["", ".0", ".00"].randomElement(using: &random)!
        let power10 =
          moved == 0
          ? ["", "e0", "E+00"].randomElement(using: &random)!
          : ["e", "E"].randomElement(using: &random)!
            + (moved < 0 ? "-" : ["", "+", "0"].randomElement(using: &random)!)
            + "\(moved.magnitude)"
        return sign + text.prefix(point) + fraction + power10
      case .text(let text):
        var out = "\""
        for scalar in text.unicodeScalars {
          let isOdd = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
          if isOdd || Bool.random(using: &random), scalar.value < 0x10000 {
            let hex = String(scalar.value, radix: 16, uppercase: Bool.random(using: &random))
            out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
          } else {
            out.unicodeScalars.append(scalar)
          }
        }
        return out + "\""
      case .list(let values):
        var out = "[" + blank(&random)
        for (index, value) in values.enumerated() {
          out +=
            (index > 0 ? "," + blank(&random) : "") + value.spelt(&random, addsNothing: addsNothing) + blank(&random)
        }
        return out + "]"
      case .object(let members):
        var members = members.shuffled(using: &random)
        if addsNothing, Bool.random(using: &random) {
          members.append(("nothing", [.null, .list([]), .object([])].randomElement(using: &random)!))
        }
        var out = "{" + blank(&random)
        for (index, member) in members.enumerated() {
          out += (index > 0 ? "," + blank(&random) : "") + Value.text(member.0).spelt(&random) + blank(&random) + ":"
          out += blank(&random) + member.1.spelt(&random, addsNothing: addsNothing) + blank(&random)
        }
        return out + "}"
      }
    }
  }

  private func value(_ depth: Int, _ random: inout some RandomNumberGenerator) -> Value {
    switch Int.random(in: 0...(depth > 0 ? 5 : 3), using: &random) {
    case 0: return .word(["true", "false"].randomElement(using: &random)!)
    case 1:
      let digits = "\(Int.random(in: 1...99_999, using: &random) * 10 + Int.random(in: 1...9, using: &random))"
      return .number(
        negative: Bool.random(using: &random), digits: digits, exponent: Int.random(in: -12...12, using: &random))
    case 2, 3: return .text(["", "a", "é\n", "\"\\/", "😀", "\u{1}x"].randomElement(using: &random)!)
    case 4: return .list((0..<Int.random(in: 1...3, using: &random)).map { _ in value(depth - 1, &random) })
    default:
      let names = ["a", "b", "c.d", "é", "\"", "long name of a member"].shuffled(using: &random)
      return .object(names.prefix(Int.random(in: 1...5, using: &random)).map { ($0, value(depth - 1, &random)) })
    }
  }

  private func form(_ text: String, _ paths: [String] = []) throws -> (String, FailureReason?) {
    let writer = CanonicalWriter(
      try paths.map { FieldPlan(name: $0, path: try FieldPath($0), column: nil, isEmitted: true) })
    var record = ByteBuffer()
    var out = ByteBuffer()
    record.append(utf8: text)
    let reason = writer.write(&record, into: &out)
    return (String(decoding: (0..<out.count).map { out[$0] }, as: UTF8.self), reason)
  }

  @Test("any spelling of the same values gives the same bytes, and the values are kept")
  func spellings() throws {
    var random = FixedRandom(17)
    for _ in 0..<Sweep.count(20_000, sample: 1000) {
      var record = value(3, &random)
      if case .object = record {} else { record = .object([("a", record)]) }
      let paths = Bool.random(using: &random) ? [] : ["a", "b.c", "z"]
      let (first, second) = (record.spelt(&random), record.spelt(&random))
      let (one, other) = (try form(first, paths), try form(second, paths))
      #expect(one.1 == nil && one.0 == other.0, "\(first)\n\(second)\n\(one.0)\n\(other.0)")
      // Written again it is the same, and it means the same as what it was made from.
      #expect(try form(one.0, paths).0 == one.0)
      if paths.isEmpty {
        let plain = record.spelt(&random, addsNothing: false)
        #expect(JSONForm.of(Array(one.0.utf8)) == JSONForm.of(Array(plain.utf8)), "\(plain)\n\(one.0)")
      }
    }
  }

  @Test(
    "members of rules come first, missing ones as null",
    arguments: [
      (#"{}"#, #"{"b":null,"a":{"y":null,"x":null},"l":[]}"#),
      (#"{"a":null,"l":[{}],"b":[]}"#, #"{"b":null,"a":{"y":null,"x":null},"l":[{"k":null}]}"#),
      (
        #"{"z":1,"l":[{"q":2,"k":1e1},null],"a":{"w":0,"x":"1"}}"#,
        #"{"b":null,"a":{"y":null,"x":"1","w":0},"l":[{"k":10,"q":2},{"k":null}],"z":1}"#
      ),
      (#"{"a":5,"l":{"k":1}}"#, #"{"b":null,"a":5,"l":{"k":1}}"#),
    ])
  func templates(_ text: String, _ wanted: String) throws {
    #expect(try form(text, ["b", "a.y", "a.x", "l[].k"]).0 == wanted)
  }

  @Test("a record without a form is refused")
  func refused() throws {
    #expect(try form(#"{"a":1,"\u0061":2}"#).1 != nil)
    #expect(try form(#"{"a":1,"a":2}"#, ["a"]).1 != nil)
    #expect(try form(#"{"b":{"x":1,"x":1}}"#).1 != nil)
    #expect(try form(#"{"a":1e1234567890}"#).1 != nil)
    #expect(try form(#"{"a":0e1234567890}"#).1 != nil)
    #expect(try form(#"{"a":null,"a":[]}"#).1 == nil)
    #expect(try form("{}").0 == "{}")
  }

  @Test(
    "numbers have one form",
    arguments: [
      ("1.0", "1"), ("-0", "0"), ("-0.0e5", "0"), ("10e-1", "1"), ("0.10", "0.1"), ("1e3", "1000"),
      ("1.5E-3", "0.0015"),
      ("1e999999999", "1e999999999"), ("10e999999998", "1e999999999"), ("100", "100"), ("-12.30", "-12.3"),
      ("3e-000000000001", "0.3"), ("0", "0"), ("0.0", "0"),
    ])
  func numbers(_ given: String, _ wanted: String) {
    var text = ByteBuffer()
    var out = ByteBuffer()
    text.append(utf8: given)
    #expect(CanonicalNumber.append(text.start, count: text.count, to: &out))
    #expect(String(decoding: (0..<out.count).map { out[$0] }, as: UTF8.self) == wanted)
  }
}
