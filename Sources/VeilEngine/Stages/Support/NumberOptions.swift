import VeilConfig

extension StageOptions {
  /// The largest number of decimals of a number in options. Before the point, it must have fewer than `numberDigits`
  /// digits.
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
