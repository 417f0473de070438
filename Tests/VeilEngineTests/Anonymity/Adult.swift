import Foundation

@testable import VeilAnonymity
@testable import VeilEngine

/// The Adult census table and the results expected for it, from `fixtures/adult`.
enum Adult {
  static let columns = [
    "sex", "age", "race", "marital-status", "education", "native-country", "workclass", "occupation", "salary-class",
  ]

  static let folder: String = {
    var path = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { path.deleteLastPathComponent() }
    return path.appendingPathComponent("fixtures/adult").path
  }()

  /// Splits bytes without making a string of each.
  static func split(_ bytes: ArraySlice<UInt8>, _ separator: Character) -> [ArraySlice<UInt8>] {
    bytes.split(separator: separator.asciiValue!, omittingEmptySubsequences: false)
  }

  static let rows: [[[UInt8]]] = {
    let text = [UInt8](FileManager.default.contents(atPath: folder + "/adult.csv")!)
    let lines = text.split(whereSeparator: { $0 == 10 || $0 == 13 })
    let header = split(lines[0], ";").map { String(decoding: $0, as: UTF8.self) }
    precondition(header == columns)
    return lines.dropFirst().map { line in split(line, ";").map { Array($0) } }
  }()

  struct Expected {
    var k: Int
    var suppress: Double
    var loss: Double
    var suppressed: Int
    var levels: [Int]
  }

  static let expected: [Expected] = {
    let text = try! String(contentsOfFile: folder + "/expected-global.tsv", encoding: .utf8)
    return text.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: "\t")
      let levels = Dictionary(
        uniqueKeysWithValues: fields[4].split(separator: ",").map { item in
          let parts = item.split(separator: "=")
          return (String(parts[0]), Int(parts[1].split(separator: "/")[0])!)
        })
      return Expected(
        k: Int(fields[0])!, suppress: Double(fields[1])!, loss: Double(fields[2])!, suppressed: Int(fields[3])!,
        levels: columns.map { levels[$0]! })
    }
  }()

  static func coders() throws -> [QuasiCoder] {
    try columns.map { try HierarchySpec.file(folder + "/adult_hierarchy_\($0).csv").makeCoder() }
  }

  static let table: QuasiTable = {
    var observer = QuasiObserver(coders: try! coders(), countsSubjects: false)
    for row in rows { _ = observer.observe(row) }
    return observer.finish()
  }()
}

extension QuasiObserver {
  /// Observes one record of text; false when a value was rejected.
  mutating func observe(_ row: [[UInt8]], subject: UInt64? = nil) -> Bool {
    var codes: [UInt32] = []
    for (column, value) in row.enumerated() {
      guard let code = value.withUnsafeBufferPointer({ coders[column].code($0) }) else { return false }
      codes.append(code)
    }
    _ = codes.withUnsafeBufferPointer { histogram.observe(codes: $0.baseAddress!, subject: subject) }
    return true
  }
}
