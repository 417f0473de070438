import VeilConfig

/// Rounds a number to a multiple, or to a number of decimals.
struct Round: ValueStage, TokenlessStage, PartKeeper {
  static let documentation = StageDocumentation(
    name: "round",
    summary: "rounds a number to the nearest multiple, or to so many decimals; halves go away from zero",
    options: [
      .init(
        "to", "a number above 0", .oneOf(kinds), "the multiple to round to; written with as many decimals as it has"),
      .init("digits", "a whole number, 0 to 15", .oneOf(kinds), "how many decimals to round to and write"),
    ],
    example: "income: {round: {to: 100}}",
    promise: """
      Coarser values are shared by more people, by how many depends on the data. Outliers stay outliers, and steps of 1 \
      or less leave whole numbers as they are.
      """)

  private static let kinds = OptionGroup(["to", "digits"], help: "for example  round: {to: 10}")

  /// The step in units of `10^-places`.
  private let step: Int128
  private let places: Int

  init?(_ options: StageOptions) {
    let reader = options.reader
    guard reader.has("to") != reader.has("digits") else { return nil }
    if reader.has("digits") {
      guard let digits = reader.int("digits", range: 0...StageOptions.numberPlaces) else { return nil }
      step = 1
      places = digits
      return
    }
    guard let number = options.decimal("to") else { return nil }
    guard !number.isZero, !number.isNegative, let step = number.floor(places: number.places) else {
      reader.error("to", "'to' must be above 0")
      return nil
    }
    self.step = step
    places = number.places
  }

  var effect: StageEffect { .rewrite }
  /// Steps of 1 or less leave whole numbers as they are, and values are often whole numbers.
  var fate: ValueFate { step <= DecimalNumber.one(places: places) ? .sometimesWhole : .coarser }

  /// Of a number that is somebody's, all but the last digits are the number of few.
  func leaves(moreThan most: Int) -> Bool { true }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict { StageVerdict(leavesAlone(value)) }

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    guard let number = DecimalNumber(value) else { return .invalid(.notANumber) }
    guard let units = number.rounded(toMultipleOf: step, places: places) else { return .invalid(.tooLarge) }
    out.append(units, places: places)
    return .number
  }
}
