import Foundation
import Testing

/// A date that stands for none is not moved: everybody knows where it stood, and its move would tell those of all others.
@Suite struct DateShiftTests {
  private static let header = "id,born,died\n"

  private func run(_ rule: String, _ rows: String) throws -> (outcome: Outcome, scratch: Scratch) {
    let scratch = try Scratch()
    let pipeline = TestPipeline(
      source: "{path: in.csv, subject: id}", fields: ["id: drop", "born: \(rule)", "died: \(rule)"], unlisted: "error")
    return (try scratch.run(pipeline, on: Data((Self.header + rows).utf8)), scratch)
  }

  @Test(arguments: ["9999-12-31", "1900-01-01", "0001-01-01", "1970-01-01", "0000-00-00", "1901-01-01"])
  func aPlaceholderLeavesAsItCame(_ date: String) throws {
    let rule = "{date_shift: {days: 300, key: test, except: [1901-01-01]}}"
    let rows = (0..<40).map { "p\($0),1980-05-05,\(date)\n" }.joined()
    let (outcome, scratch) = try run(rule, rows)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let lines = try scratch.text("out.csv").split(separator: "\n").dropFirst()
    #expect(lines.allSatisfy { $0.hasSuffix(",\(date)") && !$0.hasPrefix("1980-05-05") }, "\(lines)")
    let verified = try Veil.run(
      ["verify", "out.csv", "--pipeline", "pipeline.yaml"], environment: TestKey.environment, directory: scratch.root)
    #expect(verified.status == 0 && !verified.text.contains("LEAK"), "\(verified.text)")
  }

  @Test func anExceptionThatIsNoDateIsRefused() throws {
    let (outcome, _) = try run("{date_shift: {days: 30, key: test, except: [secret-value]}}", "a,2000-01-01,\n")
    #expect(outcome.status == 2 && outcome.stderr.contains("'except' takes dates"), "\(outcome.stderr)")
  }
}
