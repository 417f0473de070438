import Testing

@testable import VeilEngine

/// The table against a dictionary.
@Suite("Subject table")
struct SubjectTableTests {
  @Test(
    "Every person with the largest of their numbers, and nobody else", arguments: [0, 1, 2, 63, 64, 65, 1000, 50_000])
  func agreesWithDictionary(_ count: Int) {
    var generator = SystemRandomNumberGenerator()
    for people in [max(1, count / 3), count + 1] {
      let digests = (0..<people).map { index in
        // A few share their first half, so that the second must decide.
        SubjectDigest(high: index % 7 == 0 ? 42 : generator.next(), low: generator.next())
      }
      let table = SubjectTable()
      var known: [SubjectDigest: UInt64] = [:]
      for _ in 0..<count {
        let digest = digests.randomElement() ?? digests[0]
        let payload = UInt64.random(in: 0..<1 << 62)
        table.add(digest, payload: payload)
        known[digest] = max(known[digest] ?? 0, payload)
      }
      table.seal()
      #expect(table.count == known.count)
      for digest in digests { #expect(table.payload(of: digest) == known[digest]) }
      #expect(!table.contains(SubjectDigest(high: 42, low: 1)))
    }
  }

  @Test("Moments are ordered as clocks are, whatever their offsets")
  func moments() throws {
    func moment(_ text: String) throws -> Moment {
      var bytes = Array(text.utf8)
      return try #require(unsafe bytes.withUnsafeMutableBufferPointer { unsafe Moment(UnsafeBufferPointer($0)) })
    }
    #expect(try moment("0001-01-01").microseconds == 0)
    #expect(try moment("1970-01-01T00:00:00Z").microseconds == 719_162 * Moment.day)
    #expect(try moment("2000-03-01").microseconds - moment("2000-02-28").microseconds == 2 * Moment.day)
    #expect(try moment("2024-01-01 12:30").microseconds == moment("2024-01-01T14:30:00+02:00").microseconds)
    #expect(
      try moment("2024-01-01T12:30:00.25Z").microseconds == moment("2024-01-01T07:00:00,250000-0530").microseconds)
    #expect(try moment("2024-01-01").last + 1 == moment("2024-01-02").microseconds)
    #expect(try moment("9999-12-31T23:59:59Z").microseconds < 1 << 59)
  }
}
