import Testing

@testable import VeilEngine

@Suite("Verification")
struct VerificationTests {
  private func yaml(_ format: String, _ anonymity: String = "k: 2") -> String {
    """
    source: {path: in.\(format), subject: id}
    keys: {k: {env: VEIL_TEST_VERIFY_KEY}}
    fields:
      id: {hash: {algorithm: sha256, unkeyed: true}}
      q: {class: quasi}
      r: {class: quasi}
      name: drop
    anonymity: {recoding: global, suppress: 50%, \(anonymity)}
    sink: {path: out.\(format)}

    """.replacing("keys: {k: {env: VEIL_TEST_VERIFY_KEY}}\n", with: "")
  }

  private let a = String(repeating: "a", count: 64)
  private let b = String(repeating: "b", count: 64)

  private func verify(_ text: String, _ format: String = "csv", _ anonymity: String = "k: 2") throws -> Verification {
    let rig = try RunRig(["out.\(format)": text])
    let compiled = try #require(try rig.compile(yaml(format, anonymity)).0)
    return try Verification.run(rig.folder("out.\(format)"), compiled)
  }

  @Test("What a run published holds")
  func good() throws {
    let rig = try RunRig(["in.csv": "id,q,r,name\n1,x,1,A\n2,x,1,B\n3,y,1,C\n4,y,1,D\n"])
    #expect(try rig.run(yaml("csv")).kind == nil)
    let compiled = try #require(try rig.compile(yaml("csv")).0)
    let found = try Verification.run(rig.folder("out.csv"), compiled)
    #expect(found.holds && found.text.contains("k: 2 (people in the smallest class)"), "\(found.text)")
  }

  @Test("What was tampered with does not")
  func tampered() throws {
    let good = "id,q,r\n\(a),x,1\n\(b),x,1\n"
    #expect(try verify(good).holds)
    for (bad, part) in [
      ("id,q,r\n\(a),x,1\n\(b),y,1\n", "k: 1"), ("id,q,r\n\(a),x,1\n\(a),x,1\n", "k: 1"),
      ("id,q,r\n,x,1\n,x,1\n", "k: 1"),
      ("id,q,r,name\n\(a),x,1,A\n\(b),x,1,B\n", "LEAK: the field 'name'"),
      ("id,q,r,z\n\(a),x,1,A\n\(b),x,1,B\n", "LEAK: the field 'z'"),
      ("id,q,r\nanna,x,1\n\(b),x,1\n", "LEAK: 1 values of 'id'"), ("id,q\n\(a),x\n\(b),x\n", "missing: the field 'r'"),
    ] {
      let found = try verify(bad)
      #expect(!found.holds && found.text.contains(part), "\(found.text)")
      #expect(!found.text.contains("anna"))
    }
  }

  @Test("JSON: a member told twice, or null in place of missing, makes no class larger")
  func json() throws {
    #expect(
      try verify("{\"id\":\"\(a)\",\"q\":\"x\",\"r\":1}\n{\"id\":\"\(b)\",\"q\":\"x\",\"r\":1}\n", "ndjson").holds)
    for second in [
      "\"q\":\"y\",\"q\":\"x\",\"r\":1", "\"q\":\"x\",\"r\":\"1\"", "\"q\":\"x\"", "\"q\":\"x\",\"r\":null",
      "\"q\":\"x\",\"r\":[1]",
    ] {
      let found = try verify("{\"id\":\"\(a)\",\"q\":\"x\",\"r\":1}\n{\"id\":\"\(b)\",\(second)}\n", "ndjson")
      #expect(!found.holds, "\(second): \(found.text)")
    }
    #expect(!(try verify("{\"id\":\"\(a)\",\"q\":null,\"r\":1}\n{\"id\":\"\(b)\",\"r\":1}\n", "ndjson").holds))
    #expect(
      !(try verify("{\"id\":\"\(a)\",\"q\":1,\"r\":1,\"name\":\"x\"}\n{\"id\":\"\(b)\",\"q\":1,\"r\":1}\n", "ndjson")
        .holds))
  }

  @Test("Stars in every quasi-identifier are suppressed records only where the pipeline keeps them")
  func stars() throws {
    let text = "id,q,r\n\(a),*,*\n"
    #expect(try verify(text, "csv", "k: 2, suppressed: keep").holds)
    #expect(!(try verify(text, "csv", "k: 2, suppressed: drop").holds))
    let all = try verify("id,q,r\n\(a),*,*\n\(b),*,*\n")
    #expect(all.holds && all.text.contains("k: 2"), "\(all.text)")
  }

  @Test("What cannot be read is an error with its place")
  func unreadable() throws {
    #expect(errorText { _ = try verify("id,q,r\n\(a),x\n") }.contains("record 1, byte offset 7"))
    #expect(errorText { _ = try verify("") }.contains("empty"))
  }
}
