import VeilConfig

/// One measure of an aggregate in the form in which it is computed: in whole units, so that noise is added to whole
/// numbers.
struct AggregateMeasure: Sendable {
  let name: String
  /// Counts a person once.
  let isPerPerson: Bool
  let sum: Sum?

  struct Sum: Sendable {
    /// The field's column; set when the input's fields are known.
    let field: FieldPath
    /// In units.
    let lower: Int
    let upper: Int
    /// A unit is `step` times `10^-places`.
    let step: Int128
    let places: Int

    /// Returns the value in units, limited to the bounds; nil if it is not a number.
    func amount(_ text: Span<UInt8>) -> Int? {
      guard let number = DecimalNumber(text) else { return nil }
      // A number that is too large to handle is beyond a bound; its sign says on which side.
      guard let scaled = number.rounded(toMultipleOf: step, places: places) else {
        return number.isNegative ? lower : upper
      }
      return Int(min(max(scaled / step, Int128(lower)), Int128(upper)))
    }
  }

  /// The most that one record can change the measure, in units.
  var reach: Int { sum.map { max(abs($0.lower), abs($0.upper)) } ?? 1 }

  /// How much one unit is.
  var unit: Double { sum.map { Double($0.step) / (0..<$0.places).reduce(1.0) { value, _ in value * 10 } } ?? 1 }

  init(_ config: AggregateConfig.Measure) throws(AggregateError) {
    name = config.name
    switch config.kind {
    case .people: (isPerPerson, sum) = (true, nil)
    case .records: (isPerPerson, sum) = (false, nil)
    case .sum(let field, let lower, let upper, let unit):
      isPerPerson = false
      guard let unitNumber = DecimalNumber(unit), unitNumber.places <= 9,
        let step = unitNumber.floor(places: unitNumber.places), step > 0
      else { throw AggregateError("measure '\(config.name)': its unit has more than nine decimals") }
      let places = unitNumber.places
      func bound(_ number: ConfigNumber) throws(AggregateError) -> Int {
        guard let value = DecimalNumber(number), let low = value.floor(places: places),
          low == value.ceiling(places: places), low % step == 0, abs(low / step) < 1 << 40
        else {
          throw AggregateError(
            "measure '\(config.name)': \(number.text) is not a whole number of units of \(unit.text), or too many of them; "
              + "choose another bound or unit")
        }
        return Int(low / step)
      }
      sum = Sum(field: field, lower: try bound(lower), upper: try bound(upper), step: step, places: places)
    }
  }

  /// Returns the figure as decimal text.
  func text(_ figure: Int128) -> [UInt8] {
    var out = ByteBuffer()
    if let sum { out.append(figure * sum.step, places: sum.places) } else { out.append(figure, places: 0) }
    return unsafe Array(UnsafeBufferPointer(start: out.start, count: out.count))
  }
}

/// An aggregate that cannot be computed as it is configured.
struct AggregateError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
