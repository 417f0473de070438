import Foundation
import Testing

/// docs/unsafe.md names every file that says `unsafe`, and no other.
@Suite struct UnsafeListTests {
  private func sources() throws -> Set<String> {
    let root = Repository.root
    var found: Set<String> = []
    let names = try #require(FileManager.default.enumerator(atPath: root + "/Sources"))
    for case let name as String in names where name.hasSuffix(".swift") {
      let text = try Repository.text("Sources/" + name)
      // Not what comments say.
      let code = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
      if code.contains(/\bunsafe\b|@unchecked Sendable/) { found.insert("Sources/" + name) }
    }
    return found
  }

  private func listed() throws -> (files: Set<String>, reasons: Set<String>, known: Set<String>) {
    var folder = ""
    var (files, reasons, known): (Set<String>, Set<String>, Set<String>) = ([], [], [])
    for line in try Repository.text("docs/unsafe.md").split(separator: "\n") {
      if let match = line.wholeMatch(of: /## `(.+)`/) { folder = String(match.1) }
      if let match = line.wholeMatch(of: /\| `(.+)` \| (.+) \| (.*) ?\|/) {
        #expect(files.insert("\(folder)/\(match.1)").inserted, "\(match.1) stands there twice")
        for reason in match.2.split(separator: ", ") { reasons.insert(String(reason)) }
      } else if folder.isEmpty, let match = line.wholeMatch(of: /\| ([a-z]+) \| .+ \|/), match.1 != "reason" {
        known.insert(String(match.1))
      }
    }
    return (files, reasons, known)
  }

  @Test func theListIsComplete() throws {
    let (sources, list) = (try sources(), try listed())
    #expect(sources.count > 50)
    #expect(sources.subtracting(list.files) == [], "unsafe, and not in docs/unsafe.md")
    #expect(list.files.subtracting(sources) == [], "in docs/unsafe.md, and not unsafe")
    #expect(list.reasons.subtracting(list.known) == [], "reasons that docs/unsafe.md does not explain")
  }
}
