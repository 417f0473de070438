/// A range of numbers as a label of a hierarchy says it: `[20, 30)`, `<20` or `>=80`.
struct NumberRange: Sendable {
  private struct End: Sendable {
    let number: Int128
    let text: [UInt8]
  }
  private let low: End?
  private let high: End?

  /// Reads a label; nil if it is none of these.
  init?(_ label: [UInt8]) {
    let text = label[...]
    if text.first == UInt8(ascii: "["), text.last == UInt8(ascii: ")") {
      let parts = text.dropFirst().dropLast().split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].first == 0x20, let low = Self.end(parts[0]),
        let high = Self.end(parts[1].dropFirst())
      else { return nil }
      (self.low, self.high) = (low, high)
    } else if text.first == UInt8(ascii: "<"), let high = Self.end(text.dropFirst()) {
      (low, self.high) = (nil, high)
    } else if text.starts(with: Array(">=".utf8)), let low = Self.end(text.dropFirst(2)) {
      (self.low, high) = (low, nil)
    } else {
      return nil
    }
  }

  private init(low: End?, high: End?) { (self.low, self.high) = (low, high) }

  /// A plain decimal in units of the twelfth digit after its point; nil for anything else. A value with an unnecessary
  /// leading zero is a code, such as a postcode, and `[1067, 1069)` is not a range of codes.
  static func number(_ value: [UInt8]) -> Int128? {
    let digits = value.first == UInt8(ascii: "-") ? value.dropFirst() : value[...]
    if digits.count > 1, digits.first == 0x30, digits.dropFirst().first != UInt8(ascii: ".") { return nil }
    return IntervalRule.floor(value, digits: 12)
  }

  private static func end(_ text: ArraySlice<UInt8>) -> End? {
    IntervalRule.floor(Array(text), digits: 12).map { End(number: $0, text: Array(text)) }
  }

  var isBounded: Bool { low != nil || high != nil }

  /// The smallest range with both.
  func joined(_ other: NumberRange) -> NumberRange {
    let low = low.flatMap { own in other.low.map { $0.number < own.number ? $0 : own } }
    let high = high.flatMap { own in other.high.map { $0.number > own.number ? $0 : own } }
    return NumberRange(low: low, high: high)
  }

  var text: [UInt8] {
    switch (low, high) {
    case (let low?, let high?): Array("[".utf8) + low.text + Array(", ".utf8) + high.text + Array(")".utf8)
    case (let low?, nil): Array(">=".utf8) + low.text
    case (nil, let high?): Array("<".utf8) + high.text
    case (nil, nil): Array("*".utf8)
    }
  }

  /// Returns how many of the numbers, which ascend, are in it.
  func count(of ascending: [Int128]) -> Int {
    func below(_ number: Int128) -> Int {
      var (low, high) = (0, ascending.count)
      while low < high {
        let middle = (low + high) / 2
        if ascending[middle] < number { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return (high.map { below($0.number) } ?? ascending.count) - (low.map { below($0.number) } ?? 0)
  }
}
