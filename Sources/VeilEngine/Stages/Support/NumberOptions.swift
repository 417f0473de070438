import VeilConfig

extension StageOptions {
  /// Numbers in options have at most this many decimals, and less than this many digits before the point.
  static var numberPlaces: Int { 15 }
  private static var numberDigits: Int { 20 }

  /// Reads a decimal number exactly.
  func decimal(_ option: String) -> DecimalNumber? {
    guard let given = reader.number(option), let number = DecimalNumber(given) else { return nil }
    if number.places > Self.numberPlaces {
      reader.error(option, "'\(option)' has more than \(Self.numberPlaces) decimals")
      return nil
    }
    guard number.floor(places: 36 - Self.numberDigits) != nil else {
      reader.error(option, "'\(option)' must have at most \(Self.numberDigits) digits before the point")
      return nil
    }
    return number
  }
}
