import VeilConfig
public import VeilGround

/// Reads a file that names people: in a column of CSV, TSV or JSON, or one person a line.
public enum PeopleFile {
  /// Returns each person once. Throws if the file cannot be read whole, or names nobody.
  /// - Parameter column: Nil for a file with one person a line and no header.
  public static func read(_ path: String, column: String?) throws(RunError) -> [[UInt8]] {
    do {
      let people = try column.map { try records(path, $0) } ?? lines(path)
      var seen: Set<[UInt8]> = []
      let distinct = people.filter { seen.insert($0).inserted }
      if distinct.isEmpty { throw RunError(.inputOutput, "\(path) names nobody") }
      return distinct
    } catch {
      throw RunError(any: error)
    }
  }

  private static func lines(_ path: String) throws -> [[UInt8]] {
    switch PipelineParser.readSmallFile(path, limit: 1 << 30) {
    case .failure(let problem): throw RunError(.inputOutput, "\(path) \(problem.message)")
    case .success(let bytes):
      let lines = try text(bytes, path).split(separator: 0x0A).map { $0.last == 0x0D ? $0.dropLast() : $0 }
      if let quoted = lines.firstIndex(where: { $0.count > 1 && $0.first == 0x22 && $0.last == 0x22 }) {
        throw RunError(
          .inputOutput,
          "\(path): line \(quoted + 1) stands in quotes: is it a table? Call it .csv, and name the column of the people"
        )
      }
      // Blanks at a line's ends are seldom a part of the name; where they are, the line as it is finds it.
      return lines.flatMap { line -> [[UInt8]] in
        guard let first = line.firstIndex(where: isNoBlank), let last = line.lastIndex(where: isNoBlank) else {
          return []
        }
        return last - first + 1 == line.count ? [Array(line)] : [Array(line), Array(line[first...last])]
      }
    }
  }

  private static func isNoBlank(_ byte: UInt8) -> Bool { byte != 0x20 && byte != 0x09 }

  /// Returns the list as UTF-8, without a byte order mark.
  private static func text(_ bytes: [UInt8], _ path: String) throws -> [UInt8] {
    let text = try TextSource.utf8(bytes, name: path)
    guard String(validating: text, as: UTF8.self) != nil else {
      throw RunError(.inputOutput, "\(path) is not UTF-8: its people could not be found by it; write it as UTF-8")
    }
    return text
  }

  private static func records(_ path: String, _ column: String) throws -> [[UInt8]] {
    let list = try ListReader(path, what: "list", columns: [.init(name: column)])
    let taker = Taker()
    _ = try list.read(threads: 1) { (taker, normalization: []) }
    return taker.people
  }

  private final class Taker: ListTaker {
    var people: [[UInt8]] = []

    func take(_ records: ListRecords) {
      for record in 0..<records.batch.recordCount {
        if let person = unsafe records.value(0, of: record) { people.append(unsafe Array(person)) }
      }
    }

    func deliver() {}
  }
}
