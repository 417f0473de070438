import VeilConfig

/// Replaces a number by the interval that contains it. Statistical offices call this global recoding.
struct Bucket: ValueStage, TokenlessStage, PartKeeper {
  static let documentation = StageDocumentation(
    name: "bucket",
    summary: "writes the interval a number lies in: 10000-19999 for whole widths, [0.5, 1) for others",
    options: [
      .init(
        "width", "a number above 0", .required(help: "for example  bucket: {width: 10000}"), "how wide an interval is"),
      .init("origin", "a number", .optional("0"), "where one of the intervals begins"),
    ],
    shorthand: "width",
    example: "income: {bucket: {width: 10000}}",
    promise: """
      Coarser values are shared by more people, by how many depends on the data; the highest and lowest intervals \
      often hold one person each, so put `clamp` before it. A width of 1 or less tells whole numbers. 19999.99 lies in 10000-19999.
      """)

  /// Width and origin are in units of `10^-places`; an interval is `[low, low + width)`.
  private let width: Int128
  private let origin: Int128
  private let places: Int
  /// The width and origin, if both are whole and far from overflow, which is nearly always true.
  private let small: (width: Divisor, origin: Int)?

  init?(_ options: StageOptions) {
    let before = options.errorCount
    let width = options.decimal("width")
    let origin = options.decimal("origin")
    if let width, width.isZero || width.isNegative {
      options.reader.error("width", "'width' must be above 0")
    }
    guard options.errorCount == before, let width else { return nil }
    places = max(width.places, (origin ?? .zero).places)
    guard let wide = width.floor(places: places), let start = (origin ?? .zero).floor(places: places)
    else { return nil }
    self.width = wide
    self.origin = start
    let bound: Int128 = 1_000_000_000_000
    let isSmall = places == 0 && wide < bound && start.magnitude < bound.magnitude
    small = isSmall ? (Divisor(Int(wide)), Int(start)) : nil
  }

  var effect: StageEffect { .rewrite }
  /// An interval of 1 or less holds one whole number at most, and values are often whole numbers.
  var fate: ValueFate { width <= DecimalNumber.one(places: places) ? .sometimesWhole : .coarser }

  /// Checks that the value is the interval of its own lower bound.
  /// Of a number that is somebody's, all but the last digits are the number of few.
  func leaves(moreThan most: Int) -> Bool { true }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    let start = places == 0 ? 0 : 1
    let mark = UInt8(ascii: places == 0 ? "-" : ",")
    guard value.count > start, let end = ((start + 1)..<value.count).first(where: { value[$0] == mark }) else {
      return .no
    }
    var out = ByteBuffer()
    if case .invalid = rewrite(value.extracting(start..<end), into: &out) { return .no }
    return StageVerdict(out.withBytes(from: 0) { $0.isEqual(to: value) })
  }

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    if let small, let floor = DecimalNumber.smallFloor(value) {
      let low = floor - small.width.remainder(of: floor - small.origin)
      out.append(decimal: low)
      out.append(UInt8(ascii: "-"))
      out.append(decimal: low + small.width.value - 1)
      return .plain
    }
    guard let number = DecimalNumber(value) else { return .invalid(.notANumber) }
    // Bounds are whole numbers of this unit, so a fraction of a unit does not change the interval.
    guard let units = number.floor(places: places) else { return .invalid(.tooLarge) }
    // No overflow: all of these numbers are below 10^36, and 128 bits hold 10^38.
    let low = (units - origin).floorDivided(by: width) * width + origin
    if places == 0 {
      out.append(low, places: 0)
      out.append("-")
      out.append(low + width - 1, places: 0)
      return .plain
    }
    out.append("[")
    out.append(low, places: places, trimmed: true)
    out.append(", ")
    out.append(low + width, places: places, trimmed: true)
    out.append(")")
    return .text
  }
}
