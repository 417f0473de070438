#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// (ε, δ)-differential privacy: a release is nearly as likely with any one person as without that person. ε bounds the
/// factor between both probabilities (e^ε), and δ is the chance that the bound does not hold (Dwork, Roth 2014,
/// definition 2.4).
struct PrivacyLoss: Sendable, Hashable {
  var epsilon: Double
  var delta: Double

  /// Adds two losses: several releases about the same people together have the sum of both ε and both δ (basic
  /// composition, Dwork, Roth 2014, theorem 3.16).
  static func + (first: PrivacyLoss, second: PrivacyLoss) -> PrivacyLoss {
    PrivacyLoss(epsilon: first.epsilon + second.epsilon, delta: first.delta + second.delta)
  }
}

/// Zero-concentrated differential privacy with parameter ρ (Bun, Steinke 2016).
enum ConcentratedPrivacy {
  /// Returns the least δ for which ρ-concentrated differential privacy implies (ε, δ).
  ///
  /// Source: Canonne, Kamath, Steinke 2020, corollary 13: the infimum over α of exp((α-1)(αρ-ε)) / (α-1) · (1-1/α)^α.
  /// The logarithm is convex in α, so a ternary search finds the infimum.
  static func delta(rho: Double, epsilon: Double) -> Double {
    guard rho > 0 else { return 0 }
    func logDelta(_ alpha: Double) -> Double {
      (alpha - 1) * (alpha * rho - epsilon) + alpha * log1p(-1 / alpha) - log(alpha - 1)
    }
    var low = 1 + 1e-9
    var high = (epsilon + 1) / (2 * rho) + 2
    for _ in 0..<300 {
      let (first, second) = (low + (high - low) / 3, high - (high - low) / 3)
      if logDelta(first) < logDelta(second) { high = second } else { low = first }
    }
    return min(exp(logDelta((low + high) / 2)), 1)
  }

  /// Returns the largest ρ that implies (ε, δ), from below and exact to one part in 10^12.
  static func rho(for loss: PrivacyLoss) -> Double {
    guard loss.epsilon > 0, loss.delta > 0 else { return 0 }
    // The simple bound ε = ρ + 2 sqrt(ρ log(1/δ)) holds; ρ = ε is always too much.
    var low = 0.0
    var high = loss.epsilon
    while high - low > 1e-12 * high {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { break }
      if delta(rho: middle, epsilon: loss.epsilon) <= loss.delta { low = middle } else { high = middle }
    }
    return low
  }
}
