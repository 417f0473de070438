import Glibc

/// Models that estimate from a sample how many people are unique in the population: the expected number of classes of
/// size one. Each takes the sample's class sizes and the sampling fraction, above 0 and below 1. It returns nil if its
/// equations have no solution. Estimates are no bounds.
enum PopulationModels {
  // MARK: Zayatz

  /// Estimates by Zayatz (1991), "Estimation of the number of unique population elements using a sample": Bayes' rule
  /// for the chance that a unique record of the sample is unique in the population, if the classes of the population
  /// have the same distribution of sizes as those of the sample.
  static func zayatz(_ sizes: ClassSizes, fraction: Double) -> Double? {
    let uniques = sizes.classes(of: 1)
    guard uniques > 0 else { return 0 }
    let sample = sizes.records
    let population = (sample / fraction).rounded()
    var all = 0.0
    var single = 0.0
    for (size, classes) in sizes.counts {
      // Hypergeometric: exactly one of `size` people is among the `sample` people drawn from the `population`.
      let size = Double(size)
      guard population - size >= sample - 1 else { continue }
      let chance = exp(
        log(size) + choose(population - size, sample - 1) - choose(population, sample))
      all += classes * chance
      if size == 1 { single = classes * chance }
    }
    return all > 0 ? uniques * single / all / fraction : nil
  }

  /// Returns ln of a binomial coefficient.
  private static func choose(_ n: Double, _ k: Double) -> Double { lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) }

  // MARK: Pitman

  /// Estimates by Pitman's model (Hoshino 2001, "Applying Pitman's sampling formula to microdata disclosure risk
  /// assessment", Journal of Official Statistics 17): finds its parameters by maximum likelihood, and returns
  /// Gamma(theta + 1) / Gamma(theta + alpha) * N^alpha as the number of uniques.
  static func pitman(_ sizes: ClassSizes, fraction: Double) -> Double? {
    guard sizes.classes(of: 1) > 0 else { return 0 }
    guard let (alpha, theta) = pitmanParameters(sizes) else { return nil }
    let population = sizes.records / fraction
    let uniques = exp(lgamma(theta + 1) - lgamma(theta + alpha) + alpha * log(population))
    return uniques.isFinite ? min(uniques, population) : nil
  }

  /// Returns the alpha in (0, 1) and the theta above 0 with the greatest likelihood.
  static func pitmanParameters(_ sizes: ClassSizes) -> (alpha: Double, theta: Double)? {
    let n = sizes.records
    let u = sizes.classes
    // If the sample has only uniques, or only one class, the maximum is at the edge.
    guard u > 1, u < n else { return nil }
    func likelihood(_ alpha: Double, _ theta: Double) -> Double {
      var sum = logProduct(theta: theta, alpha: alpha, count: u - 1)
      sum -= lgamma(theta + n) - lgamma(theta + 1)
      for (size, classes) in sizes.counts where size > 1 {
        sum += classes * (lgamma(Double(size) - alpha) - lgamma(1 - alpha))
      }
      return sum
    }
    func best(_ alpha: Double) -> (theta: Double, value: Double) {
      let found = maximize(from: -20, to: log(n) + 10) { likelihood(alpha, exp($0)) }
      return (exp(found.at), found.value)
    }
    let found = maximize(from: 1e-6, to: 1 - 1e-6) { best($0).value }
    return (found.at, best(found.at).theta)
  }

  /// Returns the sum of ln(theta + i alpha) for i from 1 through `count`. If theta is far larger than alpha,
  /// differences of ln Gamma lose their digits by cancellation; the Euler-Maclaurin formula is exact enough there.
  private static func logProduct(theta: Double, alpha: Double, count: Double) -> Double {
    let ratio = alpha / theta
    guard ratio < 1e-4 else {
      return count * log(alpha) + lgamma(theta / alpha + count + 1) - lgamma(theta / alpha + 1)
    }
    /// Returns the integral of ln(1 + x ratio) from 0 to `x`.
    func integral(_ x: Double) -> Double {
      let z = x * ratio
      let grown = z < 1e-3 ? z * z / 2 - z * z * z / 6 + z * z * z * z / 12 : (1 + z) * log1p(z) - z
      return grown / ratio
    }
    return count * log(theta) + integral(count) - integral(1) + (log1p(ratio) + log1p(count * ratio)) / 2
  }

  /// Returns the maximum of a function with one peak, by golden section search.
  private static func maximize(from: Double, to: Double, _ function: (Double) -> Double) -> (at: Double, value: Double)
  {
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (from, to)
    var (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
    var (valueA, valueB) = (function(a), function(b))
    for _ in 0..<70 {
      if valueA > valueB {
        (high, b, valueB) = (b, a, valueA)
        a = high - ratio * (high - low)
        valueA = function(a)
      } else {
        (low, a, valueA) = (a, b, valueB)
        b = low + ratio * (high - low)
        valueB = function(b)
      }
    }
    return valueA > valueB ? (a, valueA) : (b, valueB)
  }

  // MARK: Slide negative binomial

  /// Estimates by the slide negative binomial model (Chen, Keller-McNulty 1998, "Estimation of identification
  /// disclosure risk in microdata", Journal of Official Statistics 14): class sizes minus one follow a negative
  /// binomial distribution. alpha and beta are chosen so that, under Bernoulli sampling, the expected numbers of sample
  /// classes of sizes one and two equal the observed ones; the number of population classes K is Shlosser's (1981)
  /// estimate. The number of uniques is K * beta^alpha.
  static func slideNegativeBinomial(_ sizes: ClassSizes, fraction: Double) -> Double? {
    let (s1, s2) = (sizes.classes(of: 1), sizes.classes(of: 2))
    guard s1 > 0 else { return 0 }
    guard s2 > 0 else { return nil }
    let classes = shlosser(sizes, fraction: fraction)
    let q = 1 - fraction
    /// Returns the expected s1 and s2, from the generating function (beta / (1 - q (1 - beta)))^alpha of the sizes
    /// minus one.
    func expected(_ alpha: Double, _ beta: Double) -> (Double, Double) {
      let rest = 1 - q * (1 - beta)
      let generating = exp(alpha * (log(beta) - log(rest)))
      let first = alpha * (1 - beta) / rest
      let second = alpha * (alpha + 1) * (1 - beta) * (1 - beta) / (rest * rest)
      return (
        classes * fraction * generating * (1 + q * first),
        classes * fraction * fraction / 2 * generating * (q * second + 2 * first)
      )
    }
    /// Returns for a beta the alpha with the wanted ratio of s2 to s1, which rises with alpha. Then s1 itself decides
    /// beta.
    func alpha(_ beta: Double) -> Double? {
      let wanted = s2 / s1
      func ratio(_ logarithm: Double) -> Double {
        let (one, two) = expected(exp(logarithm), beta)
        return one > 0 ? two / one : .infinity
      }
      return root(from: -25, to: 12) { ratio($0) - wanted }.map { exp($0) }
    }
    var best: (error: Double, uniques: Double)?
    var previous: (beta: Double, gap: Double)?
    for step in 1..<400 {
      let beta = 1 / (1 + exp(-(Double(step) - 200) / 12))
      guard let found = alpha(beta) else {
        previous = nil
        continue
      }
      let gap = expected(found, beta).0 - s1
      if let before = previous, before.gap.sign != gap.sign {
        let exact = root(from: before.beta, to: beta) { beta in alpha(beta).map { expected($0, beta).0 - s1 } ?? .nan }
        if let exact, let alpha = alpha(exact) {
          let uniques = classes * exp(alpha * log(exact))
          let error = (expected(alpha, exact).0 - s1).magnitude
          if error <= 1e-6 * s1, best == nil || error < best!.error { best = (error, uniques) }
        }
      }
      previous = (beta, gap)
    }
    return best.map { min($0.uniques, sizes.records / fraction) }
  }

  /// Returns how many classes the population has (Shlosser 1981, "On estimation of the size of the dictionary of a long
  /// text on the basis of a sample", Engineering Cybernetics 19).
  static func shlosser(_ sizes: ClassSizes, fraction: Double) -> Double {
    var (above, below) = (0.0, 0.0)
    for (size, classes) in sizes.counts {
      above += pow(1 - fraction, Double(size)) * classes
      below += Double(size) * fraction * pow(1 - fraction, Double(size - 1)) * classes
    }
    return sizes.classes + (below > 0 ? sizes.classes(of: 1) * above / below : 0)
  }

  /// Returns where a function that changes its sign once is zero; nil if it has the same sign at both ends.
  private static func root(from: Double, to: Double, _ function: (Double) -> Double) -> Double? {
    var (low, high) = (from, to)
    let (first, last) = (function(low), function(high))
    guard first.isFinite || first == .infinity || first == -.infinity, !last.isNaN, first.sign != last.sign else {
      return nil
    }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      let value = function(middle)
      if value.isNaN { return nil }
      if value.sign == first.sign { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  // MARK: Choice of the model

  enum Model: String, Sendable {
    case pitman = "Pitman"
    case slideNegativeBinomial = "SNB"
    case zayatz = "Zayatz"
  }

  /// Chooses a model by the decision rule of Dankar, El Emam, Neisa and Roffey (2012), "Estimating the
  /// re-identification risk of clinical data sets", BMC Medical Informatics and Decision Making 12:66: Pitman up to a
  /// sampling fraction of a tenth, otherwise the lower one of SNB and Zayatz; Zayatz if the others have no solution.
  static func decide(
    pitman: Double?, slideNegativeBinomial: Double?, zayatz: Double?, fraction: Double
  ) -> (model: Model, uniques: Double)? {
    if fraction <= 0.1, let pitman { return (.pitman, pitman) }
    if fraction > 0.1, let slide = slideNegativeBinomial, slide <= zayatz ?? .infinity {
      return (.slideNegativeBinomial, slide)
    }
    return zayatz.map { (.zayatz, $0) }
  }

  // MARK: Chances of a match

  /// Returns the expected 1 / F of a class of which f people were sampled, each independently with the same chance: F -
  /// f follows a negative binomial distribution (Benedetti, Franconi 1998, the model of mu-Argus).
  ///
  /// It is the integral over s from 0 to 1 of p^f s^(f-1) / (1 - (1-p) s)^f. With t = p s / (1 - (1-p) s) and v = t^f
  /// this becomes the integral of p / (p + (1-p) v^(1/f)) / f over v; with v = w^4 it is smooth enough for the midpoint
  /// rule.
  static func expectedInverse(size: Int, fraction p: Double) -> Double {
    guard p < 1 else { return 1 / Double(size) }
    let f = Double(size)
    let steps = 2000
    var sum = 0.0
    for step in 0..<steps {
      let w = (Double(step) + 0.5) / Double(steps)
      sum += 4 * w * w * w * p / (p + (1 - p) * exp(4 * log(w) / f))
    }
    return sum / Double(steps) / f
  }

  /// Returns the chance that a unique match between a sample record and the population is the right one (Skinner,
  /// Elliot 2002, "A measure of disclosure risk for microdata", Journal of the Royal Statistical Society B 64: data
  /// intrusion simulation).
  static func dataIntrusion(_ sizes: ClassSizes, fraction: Double) -> Double? {
    let (s1, s2) = (sizes.classes(of: 1), sizes.classes(of: 2))
    let all = fraction * s1 + 2 * (1 - fraction) * s2
    return all > 0 ? fraction * s1 / all : nil
  }
}
