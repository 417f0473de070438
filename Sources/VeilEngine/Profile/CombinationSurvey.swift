import VeilGround

/// Counts combinations of quasi-identifiers as hashes: all columns together, and subsets of up to three.
///
/// Memory is limited: all columns together are counted exactly up to `capacity` different combinations, each subset up
/// to `subsetCapacity`, and beyond that by a sample; see `HashSample`. A missing value counts as a value of its own.
struct CombinationSurvey {
  static let capacity = 1 << 21
  static let subsetCapacity = 1 << 12
  static let subsetLimit = 256

  let columns: Int
  /// The columns of each subset, ascending; subsets of one column come first.
  let subsets: [[Int]]
  /// The largest size for which all subsets are counted.
  let subsetSize: Int
  private(set) var whole = HashSample(capacity: capacity)
  private(set) var parts: [HashSample]
  private(set) var records = 0
  /// If people are counted: how many there are; and below, how many people there are for each size of the smallest
  /// class that a person is in, for all columns and for each subset. Set by `countPeople`.
  private(set) var people: Int?
  private(set) var smallestOfPeople: [Int: Int] = [:]
  private(set) var aloneInParts: [Double] = []
  private var survey: PeopleSurvey?
  /// A hash for each column and record of a batch.
  private var hashes: [[UInt64]]
  private var sums: [UInt64] = []

  /// - Parameters:
  ///   - countsSubsets: whether subsets of the columns are counted, too.
  ///   - countsPeople: whether people are counted in place of records.
  init(columns: Int, countsSubsets: Bool = true, countsPeople: Bool = false) {
    self.columns = columns
    if countsPeople { survey = PeopleSurvey(columns: columns) }
    var subsets = countsSubsets ? (0..<columns).map { [$0] } : []
    var size = 1
    var last = subsets
    while countsSubsets, size < min(3, columns - 1) {
      let next = last.flatMap { set in ((set.last ?? 0) + 1..<max(columns, (set.last ?? 0) + 1)).map { set + [$0] } }
      guard subsets.count + next.count <= Self.subsetLimit else { break }
      subsets += next
      last = next
      size += 1
    }
    subsetSize = columns == 1 ? 1 : size
    // Subsets of all columns but one show what each column adds.
    if countsSubsets, columns - 1 > size {
      subsets += (0..<columns).map { left in (0..<columns).filter { $0 != left } }
    }
    self.subsets = subsets
    parts = subsets.map { _ in HashSample(capacity: Self.subsetCapacity) }
    hashes = Array(repeating: [], count: columns)
  }

  /// Counts the records of a batch. If a column does not exist, or has no value for a record, the value is missing;
  /// several values of one record count as one list.
  /// - Parameter subject: the column that says whose a record is, if people are counted.
  mutating func add(_ found: [Column?], subject: Column? = nil, records count: Int) {
    records += count
    for (place, column) in found.enumerated() { Self.hash(column, place: place, count: count, into: &hashes[place]) }
    if survey != nil {
      survey?.add(hashes, people: Self.people(subject, count: count))
      return
    }
    Self.count(hashes[...], count: count, sums: &sums, sample: &whole)
    for (index, subset) in subsets.enumerated() {
      Self.count(subset.map { hashes[$0] }[...], count: count, sums: &sums, sample: &parts[index])
    }
  }

  /// Counts the combination that each record has in some columns: a hash of the sum of its values' hashes.
  private static func count(
    _ columns: ArraySlice<[UInt64]>, count: Int, sums: inout [UInt64], sample: inout HashSample
  ) {
    guard let first = columns.first else { return }
    sums.replaceSubrange(sums.indices, with: first)
    for column in columns.dropFirst() {
      for record in 0..<count { sums[record] &+= column[record] }
    }
    for record in 0..<count { sample.add(ValueHash.mixed(sums[record])) }
  }

  /// Computes the hashes of a column. The column's number is part of each hash, so that sums of hashes tell which
  /// column has which value.
  private static func hash(_ column: Column?, place: Int, count: Int, into hashes: inout [UInt64]) {
    let seed = ValueHash.mixed(UInt64(place) + 0xC0)
    hashes.removeAll(keepingCapacity: true)
    hashes.append(contentsOf: repeatElement(seed, count: count))
    guard let column else { return }
    for index in 0..<column.cells.count {
      let cell = column.cells[index]
      if cell.isNull { continue }
      let value = unsafe UnsafeRawBufferPointer(start: column.base + cell.offset, count: cell.count)
      let record = column.record(ofCell: index)
      hashes[record] = ValueHash.mixed(hashes[record] ^ (unsafe ValueHash.hash(value, seed: seed)))
    }
  }

  /// Returns the hash of each record's subject, 0 for the one unknown person of all records that do not say whose they are.
  private static func people(_ column: Column?, count: Int) -> [UInt64] {
    var people = [UInt64](repeating: 0, count: count)
    guard let column else { return people }
    for index in 0..<column.cells.count where column.tellsWhose(index) {
      let cell = column.cells[index]
      let value = unsafe UnsafeRawBufferPointer(start: column.base + cell.offset, count: cell.count)
      people[column.record(ofCell: index)] = unsafe ValueHash.hash(value, seed: 0xC0) | 1
    }
    return people
  }

  mutating func merge(_ other: CombinationSurvey) {
    records += other.records
    whole.merge(other.whole)
    for index in parts.indices { parts[index].merge(other.parts[index]) }
    if let others = other.survey { survey?.merge(others) }
  }

  /// Counts people; call it after all records were added.
  mutating func countPeople() {
    guard let survey else { return }
    let rows = survey.byPerson()
    people = rows.count
    // People are already kept in memory one by one, so they can be counted exactly.
    whole = HashSample(capacity: .max)
    smallestOfPeople = rows.count(Array(0..<columns), into: &whole)
    aloneInParts = subsets.indices.map { index in
      Double(rows.count(subsets[index], into: &parts[index])[1] ?? 0) * parts[index].weight
    }
    self.survey = nil
  }
}
