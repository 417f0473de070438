import Foundation

/// A file of Project Wycheproof's test vectors (see Vectors/SOURCE.txt), as far as these tests read it.
struct Wycheproof<Test: Decodable>: Decodable {
  struct Group: Decodable {
    let tagSize: Int?
    let tests: [Test]
  }
  let numberOfTests: Int
  let testGroups: [Group]

  init(file: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors")
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: folder.appendingPathComponent(file)))
  }
}

enum Verdict: String, Decodable {
  case valid, invalid
}

/// The names of all vector files that begin with `prefix`.
func vectorFiles(_ prefix: String) throws -> Set<String> {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors")
  return Set(try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix(prefix) })
}
