/// Exact figures of groups, in which the part of each person is bounded. The station whose turn it is adds records, in
/// input order.
///
/// Of a person's records, only the first ones in each of that person's first few groups count. Which ones these are
/// depends on that person's records alone, so that one person more or less never changes what others add.
struct AggregateTable {
  /// The figures of one group: how many people it has, and each measure in whole units.
  struct Row {
    var people = 0
    var figures: [Int128]
  }

  let groupsPerPerson: Int
  let recordsPerGroup: Int
  private(set) var rows: [Row] = []
  /// The number of records that were beyond a person's bounds.
  private(set) var recordsOverBounds = 0
  private let measures: Int
  private var counted: [Part: Int] = [:]
  private var groupsOf: [UInt64: Int] = [:]

  /// One person's part in one group.
  private struct Part: Hashable {
    var person: UInt64
    var group: Int
  }

  init(measures: Int, groupsPerPerson: Int, recordsPerGroup: Int) {
    self.measures = measures
    self.groupsPerPerson = groupsPerPerson
    self.recordsPerGroup = recordsPerGroup
  }

  mutating func addGroup() -> Int {
    rows.append(Row(figures: Array(repeating: 0, count: measures)))
    return rows.count - 1
  }

  /// Adds one record.
  /// - Parameters:
  ///   - amounts: what the record adds to each measure, in whole units.
  ///   - perPerson: which measures count a person once however many records there are.
  mutating func add(person: UInt64, group: Int, amounts: [Int], perPerson: [Bool]) {
    let part = Part(person: person, group: group)
    let before = counted[part] ?? 0
    if before == 0 {
      let groups = groupsOf[person] ?? 0
      guard groups < groupsPerPerson else {
        recordsOverBounds += 1
        return
      }
      groupsOf[person] = groups + 1
      rows[group].people += 1
    } else if before == recordsPerGroup {
      recordsOverBounds += 1
      return
    }
    counted[part] = before + 1
    for measure in amounts.indices where before == 0 || !perPerson[measure] {
      rows[group].figures[measure] += Int128(amounts[measure])
    }
  }
}
