/// Counts combinations of quasi-identifiers: all of them together, and subsets of up to three, as hashes.
///
/// Memory is bounded: all together are counted exactly up to `capacity` different ones, each subset up to
/// `subsetCapacity`, and beyond that by sample; see `HashSample`. A missing value is a value of its own.
struct CombinationSurvey {
  static let capacity = 1 << 21
  static let subsetCapacity = 1 << 12
  static let subsetLimit = 256

  let columns: Int
  /// The columns of each subset, ascending; single ones first.
  let subsets: [[Int]]
  /// The largest size of which all subsets are there.
  let subsetSize: Int
  private(set) var whole = HashSample(capacity: capacity)
  private(set) var parts: [HashSample]
  private(set) var records = 0
  /// A hash for each column and record of a batch.
  private var hashes: [[UInt64]]
  private var sums: [UInt64] = []

  init(columns: Int) {
    self.columns = columns
    var subsets = (0..<columns).map { [$0] }
    var size = 1
    var last = subsets
    while size < min(3, columns - 1) {
      let next = last.flatMap { set in ((set.last ?? 0) + 1..<max(columns, (set.last ?? 0) + 1)).map { set + [$0] } }
      guard subsets.count + next.count <= Self.subsetLimit else { break }
      subsets += next
      last = next
      size += 1
    }
    subsetSize = columns == 1 ? 1 : size
    // All but one: what each column adds.
    if columns - 1 > size { subsets += (0..<columns).map { left in (0..<columns).filter { $0 != left } } }
    self.subsets = subsets
    parts = subsets.map { _ in HashSample(capacity: Self.subsetCapacity) }
    hashes = Array(repeating: [], count: columns)
  }

  /// Counts the records of a batch. A column that is not there, or has no value for a record, is missing in it; several
  /// values of one record count as one list of them.
  mutating func add(_ found: [Column?], records count: Int) {
    records += count
    for (place, column) in found.enumerated() { hash(column, place, count) }
    Self.count(hashes[...], count, &sums, &whole)
    for (index, subset) in subsets.enumerated() {
      Self.count(subset.map { hashes[$0] }[...], count, &sums, &parts[index])
    }
  }

  /// Counts each record's combination of some columns: a hash of the sum of its values' hashes.
  private static func count(
    _ columns: ArraySlice<[UInt64]>, _ count: Int, _ sums: inout [UInt64], _ sample: inout HashSample
  ) {
    guard let first = columns.first else { return }
    sums.replaceSubrange(sums.indices, with: first)
    for column in columns.dropFirst() {
      for record in 0..<count { sums[record] &+= column[record] }
    }
    for record in 0..<count { sample.add(ValueHash.mixed(sums[record])) }
  }

  /// The column's number is part of each hash, so that sums of hashes tell which column has which value.
  private mutating func hash(_ column: Column?, _ place: Int, _ count: Int) {
    let seed = ValueHash.mixed(UInt64(place) + 0xC0)
    hashes[place].removeAll(keepingCapacity: true)
    hashes[place].append(contentsOf: repeatElement(seed, count: count))
    guard let column else { return }
    for index in 0..<column.cells.count {
      let cell = column.cells[index]
      if cell.isNull { continue }
      let value = unsafe UnsafeRawBufferPointer(start: column.base + cell.offset, count: cell.count)
      let record = column.record(ofCell: index)
      hashes[place][record] = ValueHash.mixed(hashes[place][record] ^ (unsafe ValueHash.hash(value, seed: seed)))
    }
  }

  mutating func merge(_ other: CombinationSurvey) {
    records += other.records
    whole.merge(other.whole)
    for index in parts.indices { parts[index].merge(other.parts[index]) }
  }
}
