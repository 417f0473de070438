import Testing

@testable import VeilEngine

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// SplitMix64 (Steele, Lea, Flood 2014), so that a draw that fails can be drawn again.
struct SeededBits: RandomBits {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

@Suite("Noise of differential privacy")
struct NoiseTests {
  /// Pearson's statistic of draws against a distribution, over the values whose expected count is 20 or more; the rest
  /// is one cell.
  private func chiSquared(
    _ draws: Int, _ draw: () -> Int, weight: (Int) -> Double
  ) -> (statistic: Double, cells: Int) {
    let range = -400...400
    let total = range.reduce(0) { $0 + weight($1) }
    var counts: [Int: Int] = [:]
    for _ in 0..<draws { counts[draw(), default: 0] += 1 }
    var statistic = 0.0
    var (cells, restExpected, restSeen) = (0, 0.0, draws)
    for value in range {
      let expected = Double(draws) * weight(value) / total
      guard expected >= 20 else {
        restExpected += expected
        continue
      }
      let seen = counts[value] ?? 0
      restSeen -= seen
      statistic += (Double(seen) - expected) * (Double(seen) - expected) / expected
      cells += 1
    }
    if restExpected > 5 {
      statistic += (Double(restSeen) - restExpected) * (Double(restSeen) - restExpected) / restExpected
      cells += 1
    }
    return (statistic, cells)
  }

  /// Far above the mean of the statistic, n - 1, by six standard deviations.
  private func bound(_ cells: Int) -> Double { Double(cells) + 6 * (2 * Double(cells)).squareRoot() }

  @Test("The discrete Laplace distribution has its weights", arguments: [(1, 1), (7, 2), (10, 1), (3, 10), (199, 13)])
  func laplace(numerator: Int, denominator: Int) {
    let noise = DiscreteLaplace(numerator: UInt128(numerator), denominator: UInt128(denominator))
    var bits = SeededBits(state: 7)
    let found = chiSquared(40_000, { noise.draw(&bits) }, weight: { exp(-Double(abs($0)) / noise.scale) })
    #expect(found.statistic < bound(found.cells))
    #expect(found.cells >= 2)
  }

  @Test("The discrete Gaussian distribution has its weights", arguments: [0.3, 1.0, 2.5, 47.0, 900.0])
  func gaussian(variance: Double) throws {
    let noise = try #require(DiscreteGaussian(variance: variance))
    var bits = SeededBits(state: 11)
    let found = chiSquared(30_000, { noise.draw(&bits) }, weight: { exp(-Double($0 * $0) / (2 * variance)) })
    #expect(found.statistic < bound(found.cells))
    #expect(found.cells >= 2)
  }

  @Test("A wrong scale is noticed by the same statistic")
  func wrongScale() {
    let noise = DiscreteLaplace(numerator: 10, denominator: 1)
    var bits = SeededBits(state: 7)
    let found = chiSquared(40_000, { noise.draw(&bits) }, weight: { exp(-Double(abs($0)) / 11) })
    #expect(found.statistic > bound(found.cells))
  }

  @Test("A large Gaussian has its variance")
  func largeGaussian() throws {
    let noise = try #require(DiscreteGaussian(variance: 1e14))
    var bits = SeededBits(state: 3)
    let draws = (0..<4000).map { _ in Double(noise.draw(&bits)) }
    let variance = draws.reduce(0) { $0 + $1 * $1 } / 4000
    #expect(abs(variance / 1e14 - 1) < 0.14)
    #expect(DiscreteGaussian(variance: 1e16) == nil)
    #expect(DiscreteGaussian(variance: 0) == nil)
    #expect(DiscreteGaussian(variance: .nan) == nil)
  }

  @Test("Uniform draws have no bias at an awkward bound")
  func uniform() {
    var bits = SeededBits(state: 5)
    let bound: UInt128 = (1 << 64) + (1 << 63)
    let below = (0..<20_000).count { _ in bits.uniform(below: bound) < 1 << 63 }
    #expect(abs(Double(below) / 20_000 - 1 / 3) < 0.02)
    #expect((0..<100).allSatisfy { _ in bits.uniform(below: 1) == 0 })
  }

  @Test("Concentrated privacy against figures from a fine grid", arguments: [(0.1, 1.0), (0.5, 3.0), (0.01, 0.4)])
  func concentrated(rho: Double, epsilon: Double) {
    var least = 1.0
    for step in 1...400_000 {
      let alpha = 1 + Double(step) * 0.0005
      let value = exp((alpha - 1) * (alpha * rho - epsilon)) / (alpha - 1) * pow(1 - 1 / alpha, alpha)
      least = min(least, value)
    }
    let found = ConcentratedPrivacy.delta(rho: rho, epsilon: epsilon)
    #expect(abs(found / least - 1) < 1e-3)
    // The simple bound of Bun and Steinke is met, and beaten.
    #expect(found <= exp(-(epsilon - rho) * (epsilon - rho) / (4 * rho)))
    let back = ConcentratedPrivacy.rho(for: PrivacyLoss(epsilon: epsilon, delta: found * 1.0001))
    #expect(abs(back / rho - 1) < 1e-3)
    #expect(ConcentratedPrivacy.delta(rho: back, epsilon: epsilon) <= found * 1.0001)
  }
}
