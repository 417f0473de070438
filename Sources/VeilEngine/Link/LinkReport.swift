import VeilConfig
import VeilCrypto
public import VeilGround

/// How many people of one published file can be found again in another file, and by which fields. It holds counts only.
public struct LinkReport {
  struct Finding {
    /// The names of the fields in `a` and in `b`.
    var a: [String]
    var b: [String]
    /// The number of people: different tokens that both files contain, or records that one combination of values
    /// identifies in both.
    var count: Int
  }

  private let a: LinkTable
  private let b: LinkTable
  private(set) var tokens: [Finding] = []
  private(set) var singles: [Finding] = []
  private(set) var combinations: [Finding] = []
  /// What can be joined because of where records stand; nil until it was looked at.
  private var places: OrderLink?
  private var comparisons = 0

  /// The largest number of combinations that are tried; combinations of few fields come first.
  static let combinationLimit = 250

  /// Whether the files can be joined by tokens, which must never be possible between two recipients.
  public var linksByTokens: Bool { tokens.contains { $0.count > 0 } }

  /// Whether the files can be joined by row number, or because their records stand in the same order.
  public var linksByOrder: Bool { places.map { !$0.positions.isEmpty || !$0.orders.isEmpty } ?? false }

  /// - Parameter fields: The only combination to try; nil tries every pair of columns, and combinations of those that
  ///   both files have.
  public init(_ first: String, _ second: String, on fields: [String]?) throws(RunError) {
    do {
      let key = SecretBytes.random(count: 32)
      a = try LinkTable(first, key: key)
      b = try LinkTable(second, key: key)
      if let fields { try compare(on: fields) } else { compareAll() }
    } catch {
      throw RunError(any: error)
    }
  }

  private mutating func compare(on fields: [String]) throws {
    for field in fields {
      for table in [a, b] where !table.columns.contains(where: { $0.name == field }) {
        let near = Diagnostics.nearest(field, in: table.columns.map(\.name)).map { ": did you mean '\($0)'?" } ?? ""
        throw RunError(.invalid, "\(table.path) has no field '\(field)'\(near)")
      }
    }
    let places = fields.map { field in
      (a.columns.firstIndex { $0.name == field } ?? 0, b.columns.firstIndex { $0.name == field } ?? 0)
    }
    comparisons = 1
    self.places = OrderLink(a, b, columns: places)
    if places.count == 1, a.columns[places[0].0].isTokens, b.columns[places[0].1].isTokens {
      let (x, y) = (Self.counted(a.columns[places[0].0].values), Self.counted(b.columns[places[0].1].values))
      tokens = [Finding(a: fields, b: fields, count: Self.shared(x, y, onlyUnique: false))]
    } else {
      let count = link(places)
      if places.count == 1 {
        singles = [Finding(a: fields, b: fields, count: count)]
      } else {
        combinations = [Finding(a: fields, b: fields, count: count)]
      }
    }
  }

  private mutating func compareAll() {
    let countedB = b.columns.map { Self.counted($0.values) }
    for column in a.columns {
      let counted = Self.counted(column.values)
      for (place, other) in b.columns.enumerated() {
        let areTokens = column.isTokens && other.isTokens && !counted.isEmpty && !countedB[place].isEmpty
        let count = Self.shared(counted, countedB[place], onlyUnique: !areTokens)
        comparisons += 1
        guard count > 0 else { continue }
        let finding = Finding(a: [column.name], b: [other.name], count: count)
        if areTokens { tokens.append(finding) } else { singles.append(finding) }
      }
    }
    var shared: [(Int, Int)] = []
    for (place, column) in a.columns.enumerated() {
      guard let other = b.columns.firstIndex(where: { $0.name == column.name }) else { continue }
      if column.isTokens && b.columns[other].isTokens { continue }
      shared.append((place, other))
    }
    for places in Self.subsets(shared) {
      let count = link(places)
      comparisons += 1
      if count > 0 {
        combinations.append(
          Finding(a: places.map { a.columns[$0.0].name }, b: places.map { b.columns[$0.1].name }, count: count))
      }
    }
    places = OrderLink(
      a, b,
      columns: a.columns.indices.compactMap { place in
        b.columns.firstIndex { $0.name == a.columns[place].name }.map { (place, $0) }
      })
    tokens.sort { $0.count > $1.count }
    singles.sort { $0.count > $1.count }
    combinations.sort { ($1.count, $0.a.count) < ($0.count, $1.a.count) }
  }

  /// Returns combinations of two columns, then of three, then all columns together.
  private static func subsets(_ columns: [(Int, Int)]) -> [[(Int, Int)]] {
    var found: [[(Int, Int)]] = []
    for size in [2, 3] where columns.count >= size {
      for i in columns.indices {
        for j in columns.indices where j > i {
          if size == 2 {
            found.append([columns[i], columns[j]])
          } else {
            for k in columns.indices where k > j { found.append([columns[i], columns[j], columns[k]]) }
          }
        }
      }
    }
    found = Array(found.prefix(combinationLimit))
    if columns.count > 3 { found.append(columns) }
    return found
  }

  /// Counts the records that these columns identify in both files and whose values in them are the same.
  private func link(_ places: [(Int, Int)]) -> Int {
    let x = Self.counted(Self.combined(places.map { a.columns[$0.0].values }, a.records))
    let y = Self.counted(Self.combined(places.map { b.columns[$0.1].values }, b.records))
    return Self.shared(x, y, onlyUnique: true)
  }

  /// Returns one number for the values of each record; 0 if a value is missing.
  static func combined(_ columns: [[UInt64]], _ records: Int) -> [UInt64] {
    (0..<records).map { record in
      var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
      for column in columns {
        if column[record] == 0 { return 0 }
        hash = (hash ^ column[record]) &* 0xFF51_AFD7_ED55_8CCD
        hash ^= hash >> 32
      }
      return hash | 1
    }
  }

  /// Returns each different value in ascending order, and whether it occurs once.
  private static func counted(_ values: [UInt64]) -> [(value: UInt64, isUnique: Bool)] {
    var counted: [(value: UInt64, isUnique: Bool)] = []
    for value in values.sorted() where value != 0 {
      if let last = counted.last, last.value == value {
        counted[counted.count - 1].isUnique = false
      } else {
        counted.append((value, true))
      }
    }
    return counted
  }

  private static func shared(
    _ a: [(value: UInt64, isUnique: Bool)], _ b: [(value: UInt64, isUnique: Bool)], onlyUnique: Bool
  ) -> Int {
    var (i, j, count) = (0, 0, 0)
    while i < a.count, j < b.count {
      if a[i].value == b[j].value {
        if !onlyUnique || a[i].isUnique && b[j].isUnique { count += 1 }
        i += 1
        j += 1
      } else if a[i].value < b[j].value {
        i += 1
      } else {
        j += 1
      }
    }
    return count
  }

  // MARK: Telling

  public var text: String {
    var text = ""
    for table in [a, b] {
      text += "\(table.path): \(table.records) records, \(table.columns.count) fields"
      text += table.hasHiddenFields ? ", and some whose names are not shown, which were not compared\n" : "\n"
    }
    text += "\(comparisons) comparisons\n"
    text += Self.lines("by tokens", unit: "people, in whatever record", findings: tokens)
    text += Self.lines("by one field", unit: "people, whose value is nobody else's in either file", findings: singles)
    text += Self.lines(
      "by fields together", unit: "people, whom the values tell from all others in both files", findings: combinations)
    return text + (places?.text ?? "")
  }

  private static func lines(_ title: String, unit: String, findings: [Finding]) -> String {
    guard !findings.isEmpty, findings.contains(where: { $0.count > 0 }) else { return "\(title): nobody\n" }
    var text = "\(title) (\(unit)):\n"
    for finding in findings.prefix(10) where finding.count > 0 { text += "  \(finding.count): \(name(finding))\n" }
    return text + (findings.count > 10 ? "  … and \(findings.count - 10) more\n" : "")
  }

  private static func name(_ finding: Finding) -> String {
    zip(finding.a, finding.b).map { a, b in
      let (a, b) = (ShownName.text(a), ShownName.text(b))
      return a == b ? a : "\(a) = \(b)"
    }.joined(separator: " + ")
  }

  public var json: String {
    func list(_ findings: [Finding]) -> JSONValue {
      .array(
        findings.map {
          .object([
            ("fields_a", .array($0.a.map { .text($0) })), ("fields_b", .array($0.b.map { .text($0) })),
            ("people", .integer($0.count)),
          ])
        })
    }
    func file(_ table: LinkTable) -> JSONValue {
      .object([("path", .text(table.path)), ("records", .integer(table.records))])
    }
    let members: [(String, JSONValue)] = [
      ("a", file(a)), ("b", file(b)), ("comparisons", .integer(comparisons)), ("tokens", list(tokens)),
      ("fields", list(singles)), ("combinations", list(combinations)), ("links_by_tokens", .bool(linksByTokens)),
      ("links_by_order", .bool(linksByOrder)),
    ]
    return JSONValue.object(members + (places?.json ?? [])).document
  }
}
