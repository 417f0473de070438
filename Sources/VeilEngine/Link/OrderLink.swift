import VeilGround

/// Whether the records of two published files stand in the same order, so that they can be joined without any value
/// that tells people apart: by row number, or by who comes before whom.
///
/// What is found is compared with what chance would give if one file's records were shuffled.
struct OrderLink {
  struct Position {
    let field: String
    /// The rows with the same value in both files.
    let matches: Int
    /// The number of such rows to expect by chance; nil if not the values agree but the rows in which values repeat, as
    /// those of tokens that two recipients have for one person.
    let chance: Double?
  }

  struct Order {
    let fields: [String]
    /// The number of different values that both files have.
    let values: Int
    /// Pearson's correlation of the values' mean places.
    let correlation: Double
  }

  private(set) var positions: [Position] = []
  private(set) var orders: [Order] = []

  /// How many standard deviations from chance count as found. By chance alone this happens once in 100,000 tests.
  private static let threshold = 4.5
  /// The rows in which repeats are compared.
  private static let patternRows = 4096
  private static let shuffles = 24

  /// - Parameters:
  ///   - places: the columns with the same name in both files.
  init(_ a: LinkTable, _ b: LinkTable, columns places: [(Int, Int)]) {
    var together = [(a: [UInt64], b: [UInt64])]()
    for (x, y) in places {
      let (first, second, name) = (a.columns[x].values, b.columns[y].values, a.columns[x].name)
      if a.records == b.records {
        if let found = Self.position(first, second, field: name) {
          positions.append(found)
        } else if Self.repeatsAgree(first, second) {
          positions.append(Position(field: name, matches: a.records, chance: nil))
        }
      }
      if let found = Self.order(first, second, fields: [name]) { orders.append(found) }
      together.append((first, second))
    }
    guard together.count > 1 else { return }
    // Together they tell more records apart than any of them.
    let all = (LinkReport.combined(together.map(\.a), a.records), LinkReport.combined(together.map(\.b), b.records))
    if let found = Self.order(all.0, all.1, fields: places.map { a.columns[$0.0].name }) { orders.append(found) }
  }

  // MARK: Position

  /// Compares the number of rows with equal values with the mean and variance of that number over all ways to shuffle
  /// one file's rows (Hoeffding 1951).
  private static func position(_ a: [UInt64], _ b: [UInt64], field: String) -> Position? {
    let n = Double(a.count)
    guard n > 1 else { return nil }
    let matches = zip(a, b).count { $0 == $1 && $0 != 0 }
    let (countsA, countsB) = (counts(a), counts(b))
    var (pairs, heavyA, heavyB) = (0.0, 0.0, 0.0)
    for (value, count) in countsA {
      guard let other = countsB[value] else { continue }
      let (x, y) = (Double(count), Double(other))
      pairs += x * y
      heavyA += x * x * y
      heavyB += x * y * y
    }
    let mean = pairs / n
    let variance = max(0, (pairs - (heavyA + heavyB) / n + pairs * pairs / (n * n)) / (n - 1))
    guard Double(matches) > mean + threshold * max(1, variance.squareRoot()) else { return nil }
    return Position(field: field, matches: matches, chance: mean)
  }

  private static func counts(_ values: [UInt64]) -> [UInt64: Int] {
    var counts: [UInt64: Int] = [:]
    for value in values where value != 0 { counts[value, default: 0] += 1 }
    return counts
  }

  /// Whether values repeat in the same rows of both files: how many pairs of rows agree in both, beside how many would
  /// if one file's rows were shuffled. The values themselves need not be the same.
  private static func repeatsAgree(_ a: [UInt64], _ b: [UInt64]) -> Bool {
    let (a, b) = (Array(a.prefix(patternRows)), Array(b.prefix(patternRows)))
    let agreeing = agreeingPairs(a, b)
    guard agreeing >= 10 else { return false }
    var shuffled = b
    var found: [Double] = []
    for _ in 0..<shuffles {
      shuffled.shuffle()
      found.append(Double(agreeingPairs(a, shuffled)))
    }
    let mean = found.reduce(0, +) / Double(shuffles)
    let variance = found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shuffles - 1)
    // The deviation is estimated from few shuffles, hence twice the threshold.
    return Double(agreeing) > mean + 2 * threshold * max(1, mean, variance).squareRoot()
  }

  private static func agreeingPairs(_ a: [UInt64], _ b: [UInt64]) -> Int {
    counts(LinkReport.combined([a, b], a.count)).values.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
  }

  // MARK: Order

  /// Compares the mean places that values have in one file and in the other. Records that only one file holds do not
  /// matter.
  private static func order(_ a: [UInt64], _ b: [UInt64], fields: [String]) -> Order? {
    let (placesA, placesB) = (meanPlaces(a), meanPlaces(b))
    var (x, y): ([Double], [Double]) = ([], [])
    for (value, place) in placesA {
      guard let other = placesB[value] else { continue }
      x.append(place)
      y.append(other)
    }
    guard x.count > 1 else { return nil }
    let correlation = self.correlation(x, y)
    guard correlation * Double(x.count - 1).squareRoot() > threshold else { return nil }
    return Order(fields: fields, values: x.count, correlation: correlation)
  }

  private static func meanPlaces(_ values: [UInt64]) -> [UInt64: Double] {
    var sums: [UInt64: (sum: Double, count: Double)] = [:]
    for (place, value) in values.enumerated() where value != 0 {
      sums[value, default: (0, 0)].sum += Double(place)
      sums[value, default: (0, 0)].count += 1
    }
    return sums.mapValues { $0.sum / $0.count }
  }

  private static func correlation(_ x: [Double], _ y: [Double]) -> Double {
    let n = Double(x.count)
    let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for (a, b) in zip(x, y) {
      xx += (a - meanX) * (a - meanX)
      yy += (b - meanY) * (b - meanY)
      xy += (a - meanX) * (b - meanY)
    }
    return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
  }

  // MARK: Telling

  var text: String {
    var text = "by position: nobody\n"
    if !positions.isEmpty {
      text = "by position (rows that have the same place in both):\n"
      for found in positions {
        let name = ShownName.text(found.field)
        text +=
          found.chance.map { "  \(found.matches): \(name) (by chance \(Self.rounded($0)))\n" }
          ?? "  \(found.matches): \(name), whose values repeat in the same rows\n"
      }
    }
    guard !orders.isEmpty else { return text + "by order: nobody\n" }
    text += "by order (values that come in the same order in both):\n"
    for found in orders {
      text += "  \(found.values): \(found.fields.map { ShownName.text($0) }.joined(separator: " + "))"
      text += " (correlation \(Self.rounded(found.correlation)))\n"
    }
    return text
  }

  var json: [(String, JSONValue)] {
    [
      (
        "positions",
        .array(
          positions.map {
            .object([
              ("field", .text($0.field)), ("rows", .integer($0.matches)),
              ("by_chance", $0.chance.map { .number($0) } ?? .null),
            ])
          })
      ),
      (
        "orders",
        .array(
          orders.map {
            .object([
              ("fields", .array($0.fields.map { .text($0) })), ("values", .integer($0.values)),
              ("correlation", .number($0.correlation)),
            ])
          })
      ),
    ]
  }

  private static func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
