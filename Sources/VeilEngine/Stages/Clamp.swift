import VeilConfig

/// Bottom and top coding (Hundepool and others, "Statistical Disclosure Control", 2012, section 3.4): a value outside a
/// range is replaced by the bound, or by a label for it.
struct Clamp: ValueStage, TokenlessStage {
  static let documentation = StageDocumentation(
    name: "clamp",
    summary: "writes the bound, or a label, for a number below min or above max (bottom and top coding)",
    options: [
      .init("min", "a number", .oneOf(bounds), "the lowest number that leaves as it is"),
      .init("max", "a number", .oneOf(bounds), "the highest number that leaves as it is"),
      .init("below", "text", .optional("min itself"), "what is written for lower numbers"),
      .init("above", "text", .optional("max itself"), "what is written for higher numbers"),
    ],
    example: "age: [{clamp: {min: 18, max: 89, above: \"90+\"}}]",
    promise: """
      The few at the ends, who stand out most, become alike. Numbers within the range leave exactly as they are: \
      `round` or `bucket` for those.
      """)

  private static let bounds = OptionGroup(
    ["min", "max"], areAlsoTakenTogether: true, help: "for example  clamp: {max: 89}")

  private struct Bound: Sendable {
    /// The bound in units of `10^-places`.
    var units: Int128
    var places: Int
    var label: [UInt8]?
  }

  private let low: Bound?
  private let high: Bound?

  init?(_ options: StageOptions) {
    let before = options.errorCount
    low = Self.bound("min", label: "below", in: options)
    high = Self.bound("max", label: "above", in: options)
    let reader = options.reader
    if let low, let high, options.errorCount == before {
      let places = max(low.places, high.places)
      guard let lowest = options.decimal("min")?.floor(places: places),
        let highest = options.decimal("max")?.floor(places: places), lowest <= highest
      else {
        reader.error("max", "'max' is lower than 'min'")
        return nil
      }
    }
    guard options.errorCount == before else { return nil }
  }

  private static func bound(_ option: String, label: String, in options: StageOptions) -> Bound? {
    guard let number = options.decimal(option) else {
      if options.reader.isAbsent(option), options.reader.has(label) {
        options.reader.error(label, "'\(label)' needs '\(option)'")
      }
      return nil
    }
    guard let units = number.floor(places: number.places) else { return nil }
    return Bound(units: units, places: number.places, label: options.reader.string(label).map { Array($0.utf8) })
  }

  var effect: StageEffect { .rewrite }
  /// Numbers within the range are left whole.
  var fate: ValueFate { .sometimesWhole }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    if let label = low?.label, value.isEqual(to: label.span) { return .yes }
    if let label = high?.label, value.isEqual(to: label.span) { return .yes }
    return StageVerdict(leavesAlone(value))
  }

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    guard let number = DecimalNumber(value) else { return .invalid(.notANumber) }
    // A number that is too large to count in units is beyond every possible bound; its sign says on which side.
    if let low, number.floor(places: low.places).map({ $0 < low.units }) ?? number.isNegative {
      return Self.write(low, into: &out)
    }
    if let high, number.ceiling(places: high.places).map({ $0 > high.units }) ?? !number.isNegative {
      return Self.write(high, into: &out)
    }
    out.append(value)
    return .number
  }

  private static func write(_ bound: Bound, into out: inout ByteBuffer) -> Rewritten {
    if let label = bound.label {
      out.append(label)
      return .text
    }
    out.append(bound.units, places: bound.places)
    return .number
  }
}
