/// The discrete Laplace distribution: P(y) is proportional to `exp(-|y| / scale)` over all whole numbers.
///
/// Added to a whole number that one person can change by at most Δ, with scale Δ/ε, it gives ε-differential privacy
/// (Dwork, McSherry, Nissim, Smith 2006; in its discrete form Ghosh, Roughgarden, Sundararajan 2009). The scale is a
/// fraction and every draw is exact: there is no floating point number whose gaps could be seen in the result.
struct DiscreteLaplace: Sendable, Hashable {
  /// The scale is `numerator / denominator`; both are above zero and below 2^96.
  let numerator: UInt128
  let denominator: UInt128

  init(numerator: UInt128, denominator: UInt128) {
    let divisor = Self.commonDivisor(numerator, denominator)
    self.numerator = numerator / divisor
    self.denominator = denominator / divisor
  }

  /// Draws a number. Source: Canonne, Kamath, Steinke 2020, algorithm 2.
  func draw(_ bits: inout some RandomBits) -> Int {
    while true {
      let part = bits.uniform(below: numerator)
      guard bits.bernoulliExp(part, numerator) else { continue }
      var whole: UInt128 = 0
      while bits.bernoulliExp(1, 1) { whole += 1 }
      let size = (part + numerator * whole) / denominator
      let isNegative = bits.bernoulli(1, 2)
      // Zero is accepted with one sign only; otherwise it would occur twice as often as it should.
      if isNegative && size == 0 { continue }
      guard let size = Int(exactly: size) else { continue }
      return isNegative ? -size : size
    }
  }

  /// The scale as a number, for output to people.
  var scale: Double { Double(numerator) / Double(denominator) }

  private static func commonDivisor(_ first: UInt128, _ second: UInt128) -> UInt128 {
    var (first, second) = (first, second)
    while second != 0 { (first, second) = (second, first % second) }
    return max(first, 1)
  }
}
