import Foundation
import Testing

/// The page that follows a value through the engine names its types as the sources do.
@Suite struct EnginePageTests {
  /// `Type` and `Type.Inner` between backquotes.
  private func named() throws -> Set<String> {
    let page = try Repository.text("Sources/VeilEngine/README.md")
    return Set(page.matches(of: /`([A-Z][A-Za-z0-9]+(?:\.[A-Z][A-Za-z0-9]+)?)`/).map { String($0.1) })
  }

  private func declared() throws -> Set<String> {
    let names = try #require(FileManager.default.enumerator(atPath: Repository.path("Sources")))
    var found: Set<String> = []
    for case let name as String in names where name.hasSuffix(".swift") {
      let text = try Repository.text("Sources/" + name)
      for match in text.matches(of: /\b(?:struct|class|enum|protocol|typealias) ([A-Z][A-Za-z0-9]+)/) {
        found.insert(String(match.1))
      }
    }
    return found
  }

  @Test("Every type that the page names is declared in the sources")
  func theTypesAreThere() throws {
    let (named, declared) = (try named(), try declared())
    #expect(named.count > 60)
    let missing = named.filter { !$0.split(separator: ".").allSatisfy { declared.contains(String($0)) } }
    #expect(missing.sorted() == [], "named in Sources/VeilEngine/README.md, and declared nowhere")
  }

  @Test("Every file that the page names is there")
  func theFilesAreThere() throws {
    let page = try Repository.text("Sources/VeilEngine/README.md")
    let files = page.matches(of: /`([A-Za-z\/]+\.swift)`/).map { "Sources/VeilEngine/\($0.1)" }
    #expect(!files.isEmpty)
    for file in files { #expect(FileManager.default.fileExists(atPath: Repository.path(file)), "\(file)") }
  }
}
