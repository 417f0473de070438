/// The discrete Gaussian distribution: P(y) is proportional to `exp(-y² / 2σ²)` over all whole numbers.
///
/// Added to whole numbers that one person can change by at most Δ in the Euclidean norm, it gives
/// Δ²/2σ²-concentrated differential privacy (Canonne, Kamath, Steinke: The Discrete Gaussian for Differential Privacy,
/// 2020, theorem 4). σ² is a fraction and every draw is exact.
struct DiscreteGaussian: Sendable, Hashable {
  /// The numerator and the denominator: σ² is `variance / unit`.
  let variance: UInt128
  let unit: UInt128

  /// The largest σ² for which every draw fits the arithmetic below.
  static let largestVariance = Double(1 << 50 as UInt64)

  /// Rounds σ² up, which only adds noise. Returns nil if σ² is above `largestVariance` or is not a number above zero.
  init?(variance: Double) {
    guard variance > 0, variance <= Self.largestVariance else { return nil }
    unit = variance < 0x1p20 ? 1 << 20 : 1
    self.variance = UInt128((variance * Double(unit)).rounded(.up))
  }

  /// Draws a number. Source: Canonne, Kamath, Steinke 2020, algorithm 3.
  func draw(_ bits: inout some RandomBits) -> Int {
    let scale = (variance / unit).squareRootFloor + 1
    let proposal = DiscreteLaplace(numerator: scale, denominator: 1)
    while true {
      let draw = proposal.draw(&bits)
      // The exponent is the square of (|y| t unit - variance), divided by 2 σ² t² unit². A draw that needs more than
      // 128 bits would be kept with a chance below exp(-1000), so it is drawn again.
      let far = UInt128(draw.magnitude).multipliedReportingOverflow(by: scale * unit)
      guard !far.overflow else { continue }
      let distance = far.partialValue > variance ? far.partialValue - variance : variance - far.partialValue
      let square = distance.multipliedReportingOverflow(by: distance)
      guard !square.overflow else { continue }
      if bits.bernoulliExp(square.partialValue, 2 * variance * unit * scale * scale) { return draw }
    }
  }

  /// σ, for output to people.
  var deviation: Double { (Double(variance) / Double(unit)).squareRoot() }
}

extension UInt128 {
  /// The largest whole number whose square is at most this number. Works for numbers below 2^104.
  var squareRootFloor: UInt128 {
    var root = UInt128(Double(self).squareRoot())
    while root * root > self { root -= 1 }
    while (root + 1) * (root + 1) <= self { root += 1 }
    return root
  }
}
