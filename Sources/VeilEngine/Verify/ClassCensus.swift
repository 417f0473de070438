/// Counts the equivalence classes of a published file, from its text alone. Records with the same text in every
/// quasi-identifier are one class (Sweeney 2002), and different subjects in it are different people.
struct ClassCensus {
  /// The columns of the quasi-identifiers; nil for one that the file does not have, which distinguishes nobody.
  let quasiColumns: [Int?]
  /// Whether records with `*` in every quasi-identifier are suppressed records that stayed, and belong to no class.
  let keepsSuppressed: Bool
  let subjectColumn: Int?
  private(set) var records = 0
  /// The number of records with `*` in every quasi-identifier.
  private(set) var suppressed = 0
  var leakedNames: Set<String> = []
  /// For each field, how many values this stage of the field cannot have written.
  var oddValues: [String: (stage: any Stage, count: Int)] = [:]
  /// The columns of the sensitive fields that models look at; nil if the file has none.
  private let sensitiveColumns: [Int?]
  private let form: PublishedForm
  private(set) var recordsOfClass: [[UInt8]: Int] = [:]
  private(set) var subjectsOfClass: [[UInt8]: Set<[UInt8]>] = [:]
  /// The people of suppressed records that stayed.
  private(set) var suppressedPeople: Set<[UInt8]> = []
  private var suppressedValues: [ValueCensus]
  /// The values by class and by sensitive field; and below, those of the whole file with the suppressed records that
  /// stayed.
  private var valuesOfClass: [[UInt8]: [ValueCensus]] = [:]
  private var whole: [ValueCensus]

  /// How often each value occurs, or how many people have it.
  private struct ValueCensus {
    var counts: [[UInt8]: Int] = [:]
    var seen: Set<[[UInt8]]> = []

    /// The values of each person who has several.
    var several: [Set<[UInt8]>] {
      var values: [[UInt8]: Set<[UInt8]>] = [:]
      for pair in seen { values[pair[0], default: []].insert(pair[1]) }
      return values.values.filter { $0.count > 1 }
    }

    mutating func add(_ value: [UInt8], _ person: [UInt8]?) {
      if let person, !seen.insert([person, value]).inserted { return }
      counts[value, default: 0] += 1
    }
  }

  /// The classes with everything that models need, and the labels of each.
  var measured: [(key: [UInt8], labels: [[UInt8]], content: MeasuredClass)] {
    recordsOfClass.map { key, records in
      var measured = MeasuredClass(fields: sensitiveColumns.count)
      measured.people = countsSubjects ? subjectsOfClass[key]?.count ?? 0 : records
      for (field, census) in (valuesOfClass[key] ?? []).enumerated() {
        (measured.values[field], measured.several[field]) = (census.counts, census.several)
      }
      return (key, Self.labels(key), measured)
    }
  }

  /// The number of different people of the file, or of records if it does not say whom they are about.
  var people: Int {
    countsSubjects ? subjectsOfClass.values.reduce(suppressedPeople) { $0.union($1) }.count : records
  }

  /// The classes of each person who is in several, by the place of their keys in `keys`; -1 stands for the suppressed
  /// records that stayed. Records without a subject are one unknown person's.
  func several(_ keys: [[UInt8]]) -> [[Int]] {
    var places: [[UInt8]: [Int]] = [:]
    for (place, key) in keys.enumerated() {
      for person in subjectsOfClass[key] ?? [] { places[person, default: []].append(place) }
    }
    for person in suppressedPeople { places[person, default: []].append(-1) }
    return places.values.filter { $0.count > 1 }
  }

  /// The suppressed records that stayed, measured as one class: that is what they are to somebody who knows that they
  /// are in no other class.
  var keptSuppressed: MeasuredClass {
    var measured = MeasuredClass(fields: sensitiveColumns.count)
    measured.people = countsSubjects ? suppressedPeople.count : suppressed
    for (field, census) in suppressedValues.enumerated() {
      (measured.values[field], measured.several[field]) = (census.counts, census.several)
    }
    return measured
  }

  /// Returns the texts of a class's key; an empty text for a missing value.
  private static func labels(_ key: [UInt8]) -> [[UInt8]] {
    var labels: [[UInt8]] = []
    var rest = key[...]
    while rest.count >= 4 {
      let count = unsafe rest.withUnsafeBytes { unsafe Int($0.loadUnaligned(as: UInt32.self)) }
      labels.append(Array(rest.dropFirst(4).prefix(count).dropFirst()))
      rest = rest.dropFirst(4 + count)
    }
    return labels
  }

  /// How often each value of each sensitive field occurs in the file.
  var wholeValues: [[[UInt8]: Int]] { whole.map(\.counts) }

  /// - Parameter form: The rule for when two values of this file are the same.
  init(
    quasiColumns: [Int?], keepsSuppressed: Bool, subjectColumn: Int?, sensitiveColumns: [Int?] = [], form: PublishedForm
  ) {
    self.sensitiveColumns = sensitiveColumns
    self.form = form
    whole = sensitiveColumns.map { _ in ValueCensus() }
    suppressedValues = whole
    self.keepsSuppressed = keepsSuppressed
    self.quasiColumns = quasiColumns
    self.subjectColumn = subjectColumn
  }

  var countsSubjects: Bool { subjectColumn != nil }
  var classCount: Int { recordsOfClass.count }

  /// The number of people in the smallest class, or of records if the file does not say whom they are about; nil
  /// without records.
  var smallestClass: Int? {
    countsSubjects ? subjectsOfClass.values.map(\.count).min() : recordsOfClass.values.min()
  }

  mutating func add(_ batch: Batch) {
    records += batch.recordCount
    guard !quasiColumns.isEmpty else { return }
    var keys = [[UInt8]](repeating: [], count: batch.recordCount)
    var stars = [Int](repeating: 0, count: batch.recordCount)
    for column in quasiColumns {
      for (record, value) in values(batch, column).enumerated() {
        if value == Self.star { stars[record] += 1 }
        Self.append(value, to: &keys[record])
      }
    }
    let subjects = subjectColumn.map { form.people(of: $0, in: batch) }
    let sensitive = sensitiveColumns.map { column in
      column.map { form.values(of: $0, in: batch) } ?? Array(repeating: [], count: batch.recordCount)
    }
    for record in 0..<batch.recordCount {
      let person = subjects.map { $0[record] }
      for field in sensitive.indices { whole[field].add(sensitive[field][record], person) }
      if keepsSuppressed, stars[record] == quasiColumns.count {
        suppressed += 1
        if let person { suppressedPeople.insert(person) }
        for field in sensitive.indices { suppressedValues[field].add(sensitive[field][record], person) }
        continue
      }
      recordsOfClass[keys[record], default: 0] += 1
      if let person { subjectsOfClass[keys[record], default: []].insert(person) }
      for field in sensitive.indices {
        valuesOfClass[keys[record], default: sensitive.map { _ in ValueCensus() }][field].add(
          sensitive[field][record], person)
      }
    }
  }

  private static func append(_ value: [UInt8], to key: inout [UInt8]) {
    // The length before the value separates it from its neighbours.
    unsafe withUnsafeBytes(of: UInt32(value.count)) { unsafe key.append(contentsOf: $0) }
    key += value
  }

  /// Returns the key of the class with these labels; an empty label is a missing value.
  static func key(ofLabels labels: [[UInt8]]) -> [UInt8] {
    var key: [UInt8] = []
    for label in labels { append([label.isEmpty ? none : text] + label, to: &key) }
    return key
  }

  // The kind of a cell, as the first byte of its text here.
  private static let none: UInt8 = 0
  private static let text: UInt8 = 1
  private static let literal: UInt8 = 2
  private static let composite: UInt8 = 3

  private static let star: [UInt8] = [text, UInt8(ascii: "*")]

  /// Returns the value of each record in a column, with its kind. A missing value is empty, and differs from a null;
  /// several values of one record count together as one.
  private func values(_ batch: Batch, _ column: Int?) -> [[UInt8]] {
    var values = [[UInt8]](repeating: [], count: batch.recordCount)
    guard let column else { return values }
    let cells = batch.columns[column]
    for index in 0..<cells.cells.count {
      let cell = cells.cells[index]
      let record = cells.record(ofCell: index)
      values[record].append(
        cell.isNull
          ? Self.none : cell.has(.composite) ? Self.composite : cell.has(.literal) ? Self.literal : Self.text)
      if cell.isNull { continue }
      unsafe values[record].append(contentsOf: form.text(of: cell, cells.base))
    }
    return values
  }
}

extension PublishedForm {
  /// Returns the subject of each record, in its text; empty for the one unknown person of all records that do not say whose they
  /// are.
  func people(of number: Int, in batch: Batch) -> [[UInt8]] {
    let column = batch.columns[number]
    var people = [[UInt8]](repeating: [], count: batch.recordCount)
    for index in 0..<column.cells.count where column.tellsWhose(index) {
      people[column.record(ofCell: index)] = unsafe Array(text(of: column.cells[index], column.base))
    }
    return people
  }
}
