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
      return bytes.split(separator: 0x0A).map { line in Array(line.last == 0x0D ? line.dropLast() : line) }
        .filter { !$0.isEmpty }
    }
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
