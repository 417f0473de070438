import CScan
import Testing

@testable import VeilEngine

/// What is read and written does not depend on the vectors that the machine has.
@Suite("JSON at every level of vectors", .serialized)
struct JSONLevelTests {
  private func outcomes(_ input: String, _ rules: [(String, Way)]) throws -> [Outcome] {
    defer { _ = scan_level_select(2) }
    return try (0...2).map { level in
      _ = scan_level_select(Int32(level))
      return try JSONRig(rules, .keep).run(Array(input.utf8))
    }
  }

  /// Strings and gaps of every length around 16 and 32, with and without escapes, in records of one shape, and what
  /// breaks the shape: the record at fault is told alike.
  @Test func recordsOfOneShape() throws {
    var random = FixedRandom(32)
    for name in ["n", String(repeating: "name", count: 4), String(repeating: "a long name ", count: 5)] {
      for odd in ["", "\u{1}", "\\", "\\u00e9", "\"", "é", "\\\"", "\\q"] {
        var lines: [String] = []
        for length in 0...70 {
          let at = Int.random(in: 0...length, using: &random)
          let text =
            String(repeating: "x", count: at) + (length % 9 == 4 ? odd : "")
            + String(repeating: "y", count: length - at)
          lines.append(
            "{\"\(name)\":\"\(text)\",\"id\":\(length),\"drop\":\"\(text)\",\"ok\":true,\"last\":\"\(text)\"}")
        }
        let found = try outcomes(lines.joined(separator: "\n"), [(name, .write), ("drop", .drop), ("last", .look)])
        #expect(found[0].records > 0 && found[0] == found[1] && found[1] == found[2], "\(name) \(odd)")
      }
    }
  }
}
