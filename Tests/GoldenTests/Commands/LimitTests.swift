import Foundation
import Testing

/// The limits of a shell: on memory and stacks. A run that reaches one says so, and leaves nothing.
@Suite struct LimitTests {
  private func run(_ limit: String, _ data: String, rule: String) throws -> (Outcome, Scratch) {
    let scratch = try Scratch()
    try scratch.write("in.csv", data)
    try scratch.write("p.yaml", TestPipeline(fields: ["name: \(rule)"]).text)
    let outcome = try Command.run(
      "bash", ["-c", "ulimit \(limit); exec \"$0\" run p.yaml --manifest m.json", Veil.path],
      environment: TestKey.environment, directory: scratch.root)
    return (outcome, scratch)
  }

  /// A small stack is no reason to fail: what needs room runs where there is some.
  @Test(arguments: [128, 256]) func aSmallStackIsEnough(_ kibibytes: Int) throws {
    let (outcome, scratch) = try run("-s \(kibibytes)", "id,name\n1,Ada\n", rule: "{pseudonym: {key: test}}")
    #expect(outcome.status == 0, "\(outcome.status) \(outcome.stderr)")
    #expect(scratch.exists("out.csv"))
  }

  /// From so little that the program cannot start to enough: each run ends with 0, or with 3, a message and nothing left.
  @Test func littleMemoryEndsPlainly() throws {
    // A sanitizer's own memory is beyond any limit.
    if ProcessInfo.processInfo.environment["VEIL_SANITIZER"] != nil { return }
    let wide = String(repeating: "x", count: 12_000_000)
    var statuses: [Int32] = []
    for mebibytes in [30, 60, 80, 100, 120, 150, 1000] {
      let (outcome, scratch) = try run("-v \(mebibytes << 10)", "id,name\n1,\(wide)\n2,\(wide)\n", rule: "uppercase")
      statuses.append(outcome.status)
      if outcome.status == 0 { continue }
      // Where the loader itself gets no memory, it ends the process with 127.
      #expect([3, 127].contains(outcome.status), "\(mebibytes): \(outcome.status) \(outcome.stderr)")
      #expect(outcome.status == 127 || outcome.stderr.contains("memory"), "\(outcome.stderr)")
      #expect(try scratch.list() == ["in.csv", "p.yaml"], "\(outcome.stderr)")
    }
    #expect(statuses.contains(3) && statuses.last == 0, "\(statuses)")
  }
}
