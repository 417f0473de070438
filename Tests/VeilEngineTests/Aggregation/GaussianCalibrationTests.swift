import Testing

@testable import VeilConfig
@testable import VeilEngine

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

@Suite struct GaussianCalibrationTests {
  /// δ of discrete noise on one figure, summed over all whole numbers with the exact weights.
  private func exact(variance: Double, step: Int, epsilon: Double) -> Double {
    let reach = Int(60 * variance.squareRoot()) + step
    func weight(_ y: Int) -> Double { exp(-Double(y) * Double(y) / (2 * variance)) }
    let total = (-reach...reach).reduce(0) { $0 + weight($1) }
    return (-reach...reach).reduce(0) { $0 + max(0, weight($1) - exp(epsilon) * weight($1 - step)) } / total
  }

  /// δ of continuous noise (Balle, Wang 2018, theorem 8).
  private func continuous(deviation: Double, sensitivity: Double, epsilon: Double) -> Double {
    func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
    let (a, b) = (sensitivity / (2 * deviation), epsilon * deviation / sensitivity)
    return normal(a - b) - exp(epsilon) * normal(-a - b)
  }

  @Test(arguments: [(1.0, 1e-5, 1), (1.0, 1e-6, 1), (0.1, 1e-6, 1), (4.0, 1e-9, 3), (0.5, 1e-4, 50)])
  func theNoiseKeepsItsPromiseAndNoMore(epsilon: Double, delta: Double, step: Int) throws {
    let calibration = GaussianCalibration(figures: 1, step: step)
    let variance = try #require(calibration.variance(for: PrivacyLoss(epsilon: epsilon, delta: delta)))
    #expect(exact(variance: variance, step: step, epsilon: epsilon) <= delta * (1 + 1e-6))
    #expect(exact(variance: variance * 0.98, step: step, epsilon: epsilon) > delta)
    // It is less than the bound by way of concentrated privacy asks for.
    let rho = ConcentratedPrivacy.rho(for: PrivacyLoss(epsilon: epsilon, delta: delta))
    #expect(variance < Double(step * step) / (2 * rho))
  }

  /// At ε = 1 and δ = 10^-5 the paper's figure for one count is 3.730.
  @Test func thePublishedFigureIsMet() throws {
    let variance = try #require(
      GaussianCalibration(figures: 1, step: 1).variance(for: PrivacyLoss(epsilon: 1, delta: 1e-5)))
    #expect(abs(variance.squareRoot() - 3.7306) < 0.01, "\(variance.squareRoot())")
  }

  /// Large noise is judged by an integral and the largest term: a bound from above, and a near one.
  @Test(arguments: [(1000, 1.0, 1e-6), (400, 0.2, 1e-5), (100_000, 3.0, 1e-10)])
  func largeNoiseIsJudgedFromAbove(step: Int, epsilon: Double, delta: Double) throws {
    let calibration = GaussianCalibration(figures: 1, step: step)
    let variance = try #require(calibration.variance(for: PrivacyLoss(epsilon: epsilon, delta: delta)))
    let found = continuous(deviation: variance.squareRoot(), sensitivity: Double(step), epsilon: epsilon)
    #expect(found <= delta && found > 0.9 * delta, "\(found)")
  }

  @Test(arguments: [2, 5, 40]) func severalFiguresAreOneOfTheirSum(figures: Int) throws {
    let calibration = GaussianCalibration(figures: figures, step: 1)
    let loss = PrivacyLoss(epsilon: 1, delta: 1e-6)
    let variance = try #require(calibration.variance(for: loss))
    let found = continuous(
      deviation: variance.squareRoot(), sensitivity: Double(figures).squareRoot(), epsilon: loss.epsilon)
    #expect(abs(found / loss.delta - 1) < 0.05, "\(found)")
  }

  @Test func whatCannotBeIsNil() {
    let calibration = GaussianCalibration(figures: 1, step: 1)
    #expect(calibration.variance(for: PrivacyLoss(epsilon: 0, delta: 1e-6)) == nil)
    #expect(calibration.variance(for: PrivacyLoss(epsilon: 1, delta: 0)) == nil)
    #expect(
      GaussianCalibration(figures: 1, step: 1 << 40).variance(for: PrivacyLoss(epsilon: 1e-6, delta: 1e-15)) == nil)
  }

  // MARK: Accounting

  private func budget(_ epsilon: Double, _ delta: Double, _ count: Int, _ one: PrivacyBudgetConfig.Spending)
    -> PrivacyBudgetConfig
  {
    .init(
      total: .init(epsilon: Int(epsilon * 1e6), delta: Int(delta * 1e15)), spent: Array(repeating: one, count: count))
  }

  private func most(_ epsilon: Double, _ delta: Double, _ one: PrivacyBudgetConfig.Spending) -> Int {
    var count = 0
    while count < 5000, PrivacyAccountant(budget: budget(epsilon, delta, count, one)).allows([one]) { count += 1 }
    return count
  }

  /// Many small releases cost less together than the sum of their ε, and the count is what the formula of Bun and Steinke
  /// allows, or a few more by the tighter conversion.
  @Test func manySmallReleasesAddUpSlowly() {
    let one = PrivacyBudgetConfig.Spending(amount: .init(epsilon: 10_000, delta: 0), concentrated: nil)
    let (epsilon, delta) = (1.0, 1e-6)
    let count = most(epsilon, delta, one)
    #expect(count > 150, "a sum of 0.01 each would end at 100: \(count)")
    let simple = (1...5000).last { n in
      let rho = Double(n) * 0.01 * 0.01 / 2
      return rho + 2 * (rho * log(1 / delta)).squareRoot() <= epsilon
    }
    #expect(count >= simple ?? 0 && count < 2 * (simple ?? 0), "\(count) and \(simple ?? 0)")
  }

  @Test func withoutDeltaOnlyTheSumCounts() {
    let one = PrivacyBudgetConfig.Spending(amount: .init(epsilon: 10_000, delta: 0), concentrated: nil)
    #expect(most(1, 0, one) == 100)
    // Nor does a δ that is no small chance buy anything.
    #expect(most(1, 0.5, one) == 100)
  }

  @Test func chancesOfFailureAddUp() {
    let one = PrivacyBudgetConfig.Spending(
      amount: .init(epsilon: 10_000, delta: 100_000_000), concentrated: .init(rho: 0.00005, delta: 1e-7))
    #expect(most(1, 1e-6, one) <= 10)
  }

  @Test func aFewLargeReleasesAddUpAsBefore() {
    let one = PrivacyBudgetConfig.Spending(amount: .init(epsilon: 1_000_000, delta: 0), concentrated: nil)
    #expect(most(3, 1e-5, one) == 3)
  }
}
