import VeilGround

/// What one thread knows about one field: how many values, how many different ones, how long, and what they look like.
/// It keeps hashes and counts, and no value. Surveys of several threads can be merged in any order.
struct ColumnSurvey {
  /// The largest number of different values that are counted exactly; and below, of shapes that are kept apart.
  static let capacity = 1 << 14
  private static let shapeLimit = 1 << 10
  /// The number of bits; no kind has a higher one.
  private static let bits = 64

  private(set) var values = 0
  /// The number of empty CSV cells and JSON nulls.
  private(set) var nulls = 0
  private(set) var shortest = Int.max
  private(set) var longest = 0
  /// The number of Unicode scalars in all values.
  private(set) var scalars = 0
  private var kinds = [Int](repeating: 0, count: bits)
  private(set) var sample = HashSample(capacity: capacity)
  private var shapes: [UInt32: [UInt8]] = [:]
  /// How whole numbers follow each other.
  private(set) var row = NumberRow()
  /// Where the field first occurred: the chunk, then the index among the fields. So the order of fields does not depend
  /// on threads.
  var firstSeen = (chunk: Int.max, place: Int.max)

  /// Returns the number of values of a kind.
  func count(_ kind: ValueKind) -> Int { kinds[kind.rawValue] }
  func count(_ number: NationalNumber) -> Int { kinds[ValueKind.nationalBit + number.rawValue] }

  /// Reads the values of a column. The unsafe code reads each value in place, within the bytes of its cell.
  mutating func add(_ column: Column) {
    row.begin()
    for index in 0..<column.cells.count {
      let cell = column.cells[index]
      if cell.isNull || cell.count == 0 {
        nulls += 1
        continue
      }
      let value = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
      unsafe add(value)
    }
  }

  @inline(__always)
  private mutating func add(_ value: UnsafeBufferPointer<UInt8>) {
    values += 1
    let text = unsafe Span(_unsafeElements: value)
    var characters = 0
    for index in text.indices { characters &+= text[index] & 0xC0 != 0x80 ? 1 : 0 }
    scalars &+= characters
    shortest = min(shortest, characters)
    longest = max(longest, characters)
    var hash = unsafe ValueHash.hash(UnsafeRawBufferPointer(value), seed: 0x5EED)
    if hash == 0 { hash = 1 << 63 }
    guard sample.takes(hash) else {
      let marks = ValueKinds.of(text)
      if marks & ValueKind.integer.bit != 0 { row.add(text) }
      count(marks)
      return
    }
    let slot = sample.slot(of: hash)
    if sample[slot].count == 0 {
      sample[slot].mark = ValueKinds.of(text) | WordLook.of(text)
      sample[slot].shape = shape(text)
    }
    sample[slot].count &+= 1
    let marks = sample[slot].mark
    if marks & ValueKind.integer.bit != 0 { row.add(text) }
    count(marks)
    sample.settle()
  }

  @inline(__always)
  private mutating func count(_ marks: UInt64) {
    var rest = marks
    while rest != 0 {
      kinds[rest.trailingZeroBitCount] &+= 1
      rest &= rest &- 1
    }
  }

  private mutating func shape(_ text: Span<UInt8>) -> UInt32 {
    guard let shape = ValueShape.of(text) else { return 0 }
    let hash = unsafe shape.withUnsafeBytes { unsafe ValueHash.hash($0, seed: 0x5A9E) }
    let key = UInt32(truncatingIfNeeded: hash) | 1
    if shapes.count < Self.shapeLimit, shapes[key] == nil { shapes[key] = shape }
    return key
  }

  mutating func merge(_ other: ColumnSurvey) {
    values += other.values
    nulls += other.nulls
    shortest = min(shortest, other.shortest)
    longest = max(longest, other.longest)
    scalars += other.scalars
    for bit in kinds.indices { kinds[bit] += other.kinds[bit] }
    sample.merge(other.sample)
    row.merge(other.row)
    shapes.merge(other.shapes) { own, _ in own }
    if other.firstSeen < firstSeen { firstSeen = other.firstSeen }
  }

  /// Returns the share of values of a kind that only `WordLook` tells, among those in the sample.
  func wordShare(_ kind: ValueKind) -> Double {
    var (found, total) = (0, 0)
    for entry in sample.entries {
      total += Int(entry.count)
      if entry.mark & kind.bit != 0 { found += Int(entry.count) }
    }
    return Double(found) / Double(max(1, total))
  }

  /// The shapes that many different values have, the most frequent first: at least a twentieth of the values, and ten
  /// or more, so that no shape describes one person.
  var commonShapes: [(text: String, share: Double)] {
    var counts: [UInt32: Int] = [:]
    for entry in sample.entries { counts[entry.shape, default: 0] += 1 }
    let total = max(1, sample.size)
    let common = counts.filter { $0.value >= 10 && $0.value * 20 >= total && $0.key != 0 }.compactMap { key, count in
      shapes[key].map { (String(decoding: $0, as: UTF8.self), Double(count) / Double(total)) }
    }
    return common.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.prefix(3).map { ($0.0, $0.1) }
  }
}
