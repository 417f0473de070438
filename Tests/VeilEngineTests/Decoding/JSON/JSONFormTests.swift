import Testing

@testable import VeilEngine
@testable import VeilGround

@Suite("One form of JSON values that mean the same")
struct JSONFormTests {
  private func form(_ text: String) -> String { String(decoding: JSONForm.of(Array(text.utf8)), as: UTF8.self) }

  @Test(
    "Equal values have one form",
    arguments: [
      (["1", "1.0", "1e0", "10e-1", "0.1E+1", "1.000"], "1"), (["0", "-0", "0.0", "0e9"], "0"),
      (["-12.5", "-1250e-2", "-0.125E2"], "-12.5"), (["1200", "12e2", "1.2e3"], "1200"),
      (["0.001", "1e-3", "100e-5"], "0.001"), (["1e401", "10e400"], "1e401"), (["1e-401", "0.1e-400"], "1e-401"),
      (["1e99999999999999999999999"], "1e1099511627776"),
      (["1234567890123456789012345678901234567890.50"], "1234567890123456789012345678901234567890.5"),
      (["[1,2]", "[ 1.0 ,\t2 ]\n"], "[1,2]"), (["[]", "[ ]"], "[]"), (["{}", "{ }"], "{}"),
      ([#"{"a":1,"b":[true,null]}"#, #"{ "b" : [ true , null ] , "a" : 1e0 }"#], #"{"a":1,"b":[true,null]}"#),
      ([#"["\u0041\u00e9\ud83d\ude00\/\n"]"#, #"["Aé😀/\u000A"]"#], #"["Aé😀/\u000a"]"#),
      ([#"["\"\\\ud800\udc"]"#], #"["\"\\\ud800\udc"]"#), ([#"["\ud800\u0041"]"#], #"["\ud800A"]"#),
      ([#"{"a":1,"a":2}"#], #"{"a":1,"a":2}"#), ([#"{"a":2,"a":1}"#], #"{"a":2,"a":1}"#),
      (["true"], "true"), (["a1"], "a1"), (["1x"], "1x"), (["1e"], "1e"), ([""], ""), (["-"], "-"), (["."], "."),
      (["[1,"], "[1,"), (["[1] 2"], "[1] 2"), ([#"{"a"}"#], #"{"a"}"#), ([#"["\ud83"]"#], #"["\ud83"]"#),
    ] as [([String], String)])
  func forms(_ spellings: [String], expected: String) {
    for spelling in spellings { #expect(form(spelling) == expected, "\(spelling)") }
    #expect(form(expected) == expected)
  }

  @Test("Nested deeper than any record may be, it is left as it is")
  func deep() {
    let deep = String(repeating: "[", count: 2000) + " " + String(repeating: "]", count: 2000)
    #expect(form(deep) == deep)
    let allowed = String(repeating: "[", count: 512) + " " + String(repeating: "]", count: 512)
    #expect(form(allowed) == allowed.replacing(" ", with: ""))
  }
}
