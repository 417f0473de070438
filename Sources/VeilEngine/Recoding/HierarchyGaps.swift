import VeilGround

/// Values that a hierarchy does not cover: how many different ones, in how many records, and where the first ones are.
/// It never holds the values. Belongs to one thread while observing.
struct HierarchyGaps {
  /// Keyed digests of the values, by quasi-identifier.
  private var values: [Set<UInt64>]
  private var records: [Int]
  private var places: [[String]]
  /// The gaps noted since the last batch was located.
  private var pending: [(column: Int, record: Int)] = []
  private var fieldNames: [String] = []

  private static let seed = UInt64.random(in: .min ... .max)
  private static let placeLimit = 5
  private static let valueLimit = 1 << 20

  init(columns: Int) {
    values = Array(repeating: [], count: columns)
    records = Array(repeating: 0, count: columns)
    places = Array(repeating: [], count: columns)
  }

  /// Notes a gap in a record of the current batch.
  mutating func note(_ column: Int, record: Int, value: UnsafeBufferPointer<UInt8>) {
    records[column] += 1
    if values[column].count < Self.valueLimit {
      let hash = unsafe ValueHash.hash(UnsafeRawBufferPointer(value), seed: Self.seed)
      values[column].insert(hash)
    }
    pending.append((column, record))
  }

  /// Turns the noted records of a batch into places. The batches come in input order.
  mutating func locate(file: String, before: Int, names: [String], fields: [Int]) {
    if fieldNames.isEmpty { fieldNames = fields.map { ShownName.text(names[$0]) } }
    for (column, record) in pending where places[column].count < Self.placeLimit {
      places[column].append("\(file): record \(before + record + 1)")
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Throws if there are any gaps.
  static func refuse(_ stations: [ObserveStation]) throws(RunError) {
    let all = stations.compactMap(\.gaps)
    guard let first = all.first, let names = all.first(where: { !$0.fieldNames.isEmpty })?.fieldNames else { return }
    var lines: [String] = []
    for column in first.values.indices {
      let records = all.reduce(0) { $0 + $1.records[column] }
      guard records > 0 else { continue }
      let values = all.reduce(into: Set<UInt64>()) { $0.formUnion($1.values[column]) }.count
      let places = all.flatMap { $0.places[column] }.sorted(by: Self.precedes).prefix(placeLimit)
      lines.append(
        "field '\(names[column])' does not fit its hierarchy: \(values >= valueLimit ? "at least " : "")\(values) different "
          + "value\(values == 1 ? " is" : "s are") missing from it, in \(records) record\(records == 1 ? "" : "s"); the first: "
          + places.joined(separator: ", "))
    }
    guard !lines.isEmpty else { return }
    throw RunError(
      .inputOutput,
      lines.joined(separator: "\n  ")
        + "\n  complete the hierarchy, or write  missing: top  beside it, to have '*' in place of such values")
  }

  /// Returns the order of two places: by file and then by the record number, which is at the end.
  private static func precedes(_ a: String, _ b: String) -> Bool {
    func parts(_ text: String) -> (String, Int) {
      let number = text.reversed().prefix { $0.isNumber }.count
      return (String(text.dropLast(number)), Int(text.suffix(number)) ?? 0)
    }
    return parts(a) < parts(b)
  }
}
