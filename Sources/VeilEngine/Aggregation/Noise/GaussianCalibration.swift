#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// How much discrete Gaussian noise (ε, δ)-differential privacy needs, found from the distribution itself and not by way of
/// a bound on its moments: less noise for the same promise (Balle, Wang: Improving the Gaussian Mechanism for
/// Differential Privacy: Analytical Calibration and Optimal Denoising, 2018).
///
/// That paper treats continuous noise. For discrete noise the same expression is a sum over whole numbers (Canonne,
/// Kamath, Steinke 2020, theorem 7): with p the noise and L the privacy loss, δ is the sum of p(y) (1 - exp(ε - L(y)))
/// over all y where L is above ε.
struct GaussianCalibration: Sendable {
  /// How many figures one person changes, and by how much each.
  let figures: Int
  let step: Int

  /// Returns the least variance of each figure's noise, rounded up; nil if it cannot be found in double precision.
  func variance(for loss: PrivacyLoss) -> Double? {
    guard loss.epsilon > 0, loss.delta > 0, loss.delta < 0.5, figures > 0, step > 0 else { return nil }
    var (low, high) = (1.0, max(2, Double(step) * Double(step)))
    while delta(variance: high, epsilon: loss.epsilon) > loss.delta {
      low = high
      high *= 2
      if high > DiscreteGaussian.largestVariance { return nil }
    }
    // Below a variance of 1 the bound on sums of discrete noise says too little.
    if delta(variance: low, epsilon: loss.epsilon) <= loss.delta { return low }
    for _ in 0..<60 where high - low > 1e-9 * high {
      let middle = (low + high) / 2
      if delta(variance: middle, epsilon: loss.epsilon) <= loss.delta { high = middle } else { low = middle }
    }
    return high
  }

  /// Returns a δ that holds with ε, from above.
  ///
  /// With equal noise and an equal step in n figures the loss depends on the sum of their noise alone. That sum has the
  /// weights of discrete Gaussian noise of n times the variance, up to a factor of e^τ (Kairouz, Liu, Steinke: The
  /// Distributed Discrete Gaussian Mechanism, 2021, theorem 12).
  func delta(variance: Double, epsilon: Double) -> Double {
    let (sum, shift) = (variance * Double(figures), Double(figures) * Double(step))
    var tau = 0.0
    for k in 1..<max(2, min(figures, 1000)) where figures > 1 {
      tau += 10 * exp(-2 * Double.pi * Double.pi * variance * Double(k) / Double(k + 1))
    }
    // The terms beyond are each below the last.
    if figures > 1000 { tau += 10 * Double(figures) * exp(-2 * Double.pi * Double.pi * variance * 0.999) }
    let one = sum <= 1e5 ? Self.summed(sum, shift, epsilon) : Self.integrated(sum, shift, epsilon)
    return min(1, one * exp(tau) * (1 + 1e-9))
  }

  /// The chance density of y, and what it adds to δ. The constant is that of the continuous distribution, which is the
  /// larger one.
  private static func term(_ y: Double, _ variance: Double, _ shift: Double, _ epsilon: Double) -> Double {
    let loss = (shift * shift + 2 * shift * y) / (2 * variance)
    guard loss > epsilon else { return 0 }
    return exp(-y * y / (2 * variance)) / (2 * Double.pi * variance).squareRoot() * -expm1(epsilon - loss)
  }

  private static func summed(_ variance: Double, _ shift: Double, _ epsilon: Double) -> Double {
    var y = (epsilon * variance / shift - shift / 2).rounded(.down)
    var total = 0.0
    while true {
      let more = term(y, variance, shift, epsilon)
      total += more
      // Behind the middle each term is less than the one before, by a factor that shrinks.
      if y > 40 * variance.squareRoot() || y > 0 && more < total * 1e-17 && more > 0 { return total }
      y += 1
    }
  }

  /// The sum is at most the integral and the largest term, because the terms rise to it and fall behind it.
  private static func integrated(_ variance: Double, _ shift: Double, _ epsilon: Double) -> Double {
    let deviation = variance.squareRoot()
    func upper(_ x: Double) -> Double { erfc(x / 2.0.squareRoot()) / 2 }
    let (half, place) = (shift / (2 * deviation), epsilon * deviation / shift)
    let first = upper(place - half)
    let integral = max(0, first - exp(epsilon) * upper(place + half)) + 1e-13 * first
    var low = epsilon * variance / shift - shift / 2
    var high = max(low, 0) + 40 * deviation
    for _ in 0..<200 {
      let (one, two) = (low + (high - low) / 3, high - (high - low) / 3)
      if term(one, variance, shift, epsilon) < term(two, variance, shift, epsilon) { low = one } else { high = two }
    }
    return integral + term((low + high) / 2, variance, shift, epsilon) * (1 + 1e-6)
  }
}
