/// A decimal number from a pipeline file.
public struct ConfigNumber: Sendable, Hashable {
  /// The number as it is written, such as `0.10` or `1e6`.
  public let text: String
  /// The value; it is finite.
  public let value: Double
  /// The whole number, if it is written as one (no point, no exponent) and fits `Int`.
  public let integer: Int?

  /// Returns nil unless `text` is a finite number of a sign, digits, a fraction and an exponent as in JSON. A leading
  /// `+`, leading zeros, `.5` and `5.` are allowed; hexadecimal, octal, `inf` and digit groups are not.
  public init?(_ text: String) {
    var rest = Substring(text).utf8
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    func digits() -> Int {
      let after = rest.drop { (0x30...0x39).contains($0) }
      defer { rest = after }
      return rest.count - after.count
    }
    var count = digits()
    var whole = true
    if rest.first == UInt8(ascii: ".") {
      whole = false
      rest = rest.dropFirst()
      count += digits()
    }
    guard count > 0 else { return nil }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      whole = false
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
      guard digits() > 0 else { return nil }
    }
    guard rest.isEmpty, let value = Double(text), value.isFinite else { return nil }
    self.text = text
    self.value = value
    integer = whole ? Int(text) : nil
  }

  public init(_ integer: Int) {
    text = String(integer)
    value = Double(integer)
    self.integer = integer
  }
}
