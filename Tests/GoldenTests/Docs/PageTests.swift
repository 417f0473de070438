import Foundation
import Testing

/// The pages of this repository: every file in Markdown but what was built or downloaded.
enum Pages {
  static let all: [String] = {
    let top = Repository.list("").filter { $0.hasSuffix(".md") }
    let folders = ["benchmarks", "docs", "fixtures", "pipelines", "Sources", "Tests"]
    return top
      + folders.flatMap { folder in
        let names = FileManager.default.enumerator(atPath: Repository.path(folder))?.allObjects as? [String] ?? []
        return names.filter { $0.hasSuffix(".md") }.map { "\(folder)/\($0)" }.sorted()
      }
  }()

  /// The fenced `sh` blocks of a page.
  static func commands(_ page: String) throws -> [Substring] {
    try Repository.text(page).matches(of: /(?s)```sh\n(.*?)```/).map(\.output.1)
  }

  /// The files that a page links, from the root of the repository. Places in a file and other hosts are left out.
  static func links(_ page: String) throws -> [String] {
    let folder = page.split(separator: "/").dropLast()
    return try Repository.text(page).matches(of: /\]\(([^)\s]+)\)/).map(\.output.1)
      .filter { !$0.contains("://") && !$0.hasPrefix("mailto:") && !$0.hasPrefix("#") }
      .map { link in
        var parts = folder
        for part in link.prefix(while: { $0 != "#" }).split(separator: "/") where part != "." {
          if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
      }
  }
}

/// The way in: README.md is short and leads to every page.
@Suite struct PageTests {
  @Test func theReadmeIsShort() throws {
    #expect(try Repository.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 250)
  }

  @Test func theReadmeLinksEveryPage() throws {
    let linked = Set(try Pages.links("README.md"))
    let top = ["CONTRIBUTING.md", "CHANGELOG.md", "NOTICE"]
    for page in Repository.list("docs").map({ "docs/\($0)" }) + top {
      #expect(linked.contains(page), "README.md does not link \(page)")
    }
  }

  @Test func theReadmeNamesEveryCommand() throws {
    let help = try Veil.run(["--help"])
    #expect(help.status == 0)
    let page = try Repository.text("README.md")
    let commands = try #require(help.text.firstRange(of: "SUBCOMMANDS:")).upperBound
    let names = help.text[commands...].matches(of: #/(?m)^ {2}([a-z]+) {2}/#).map(\.output.1)
    #expect(names.count > 10)
    for name in names {
      let isNamed = page.contains("`veil \(name)`") || page.contains("`veil \(name) ")
      #expect(isNamed, "README.md does not name `veil \(name)`")
    }
  }

  @Test(arguments: Pages.all)
  func linksLeadSomewhere(_ page: String) throws {
    for link in try Pages.links(page) {
      #expect(FileManager.default.fileExists(atPath: Repository.path(link)), "\(page) links \(link)")
    }
  }

  /// Files and folders of the source tree that are named in code spelling are there.
  @Test(arguments: ["CONTRIBUTING.md", "Sources/README.md", "docs/unsafe.md"])
  func namedFilesExist(_ page: String) throws {
    let folder = /`((?:Sources|Tests|docs|fixtures|scripts|benchmarks|pipelines)\/[A-Za-z0-9_.\/-]*)`/
    for name in try Repository.text(page).matches(of: folder).map(\.output.1) {
      #expect(FileManager.default.fileExists(atPath: Repository.path(String(name))), "\(page) names \(name)")
    }
  }

  /// The README's figures are those of the benchmark page, whose first part is about a million records.
  @Test func figuresAreThoseOfTheBenchmarks() throws {
    let benchmarks = try Repository.text("benchmarks/BENCHMARKS.md")
    let page = benchmarks[try #require(benchmarks.firstRange(of: "## One million records")).upperBound...]
    let table = try Repository.text("README.md").split(separator: "\n")
    let heading = try #require(table.first { $0.hasPrefix("| job |") }).split(separator: "|")
    let peers = heading.dropFirst(4).map { $0.trimmingCharacters(in: .whitespaces) }
    let rows = table.filter { $0.hasPrefix("| J") }
    #expect(rows.count == 4)
    for row in rows {
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      let start = try #require(page.firstRange(of: "### \(cells[0])\n")).upperBound
      let job = page[start...].prefix(through: try #require(page[start...].firstRange(of: "\n#")).lowerBound)
      func figures(_ name: String) -> [String]? {
        job.split(separator: "\n").first { $0.hasPrefix("| \(name) |") }?.split(separator: "|").dropFirst()
          .map { $0.trimmingCharacters(in: .whitespaces) }
      }
      let own = try #require(figures("Veil"))
      #expect(Array(cells[1...3]) == [own[0], own[3], own[5]], "\(row)")
      for (peer, times) in zip(peers, cells.dropFirst(4)) {
        #expect(figures(peer)?[2] ?? "" == times, "\(peer): \(row)")
      }
    }
  }
}
