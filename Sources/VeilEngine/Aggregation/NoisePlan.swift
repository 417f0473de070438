import VeilConfig

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// How much noise each figure of an aggregate gets, and how many people a group needs to be shown.
///
/// One person changes at most `groups` rows; in each row a count of records changes by at most `records`, and a sum by
/// at most `records` times its larger bound. The figures share epsilon equally (basic composition); with Gaussian noise
/// they share ρ of zero-concentrated differential privacy, or, where one person changes all by the same amount, the noise
/// is calibrated to the whole release (`GaussianCalibration`), which needs less. Groups that come from the data are shown only if their noisy
/// number of people reaches a threshold. So a group that exists because of one person is shown with a chance of at most
/// delta (Korolova, Kenthapadi, Mishra, Ntoulas 2009; with bounded contributions Wilson et al. 2020).
struct NoisePlan: Sendable {
  enum Noise: Sendable, Hashable {
    case laplace(DiscreteLaplace)
    case gaussian(DiscreteGaussian)

    func draw(_ bits: inout some RandomBits) -> Int {
      switch self {
      case .laplace(let noise): noise.draw(&bits)
      case .gaussian(let noise): noise.draw(&bits)
      }
    }

    /// The standard deviation, in whole units of the figure.
    var deviation: Double {
      switch self {
      case .laplace(let noise): noise.scale * 2.0.squareRoot()
      case .gaussian(let noise): noise.deviation
      }
    }
  }

  /// The noise of each measure, in the order of the measures.
  let measures: [Noise]
  /// The noise of the number of people that decides whether a group is shown; nil if the groups are known, or if a
  /// measure already counts people.
  let selection: Noise?
  /// The least noisy number of people at which a group is shown; nil if the groups are known.
  let threshold: Int?
  /// What the release costs in zero-concentrated differential privacy (Bun, Steinke 2016): ρ, and the chance δ of the
  /// groups that are shown by a threshold, with which the ρ does not hold.
  let rho: Double
  /// What δ pays for: the tail of Gaussian noise, and the choice of groups to show.
  let noiseDelta: Double
  let selectionDelta: Double

  /// - Parameter reaches: the most that one record can change each measure, in whole units.
  /// - Returns: nil if a sum would need more noise than can be drawn, because its unit is too small for its bounds.
  init?(_ config: AggregateConfig, reaches: [Int]) {
    let countsPeople = config.measures.contains { if case .people = $0.kind { true } else { false } }
    let needsSelection = !config.groupsAreKnown && !countsPeople
    let queries = config.measures.count + (needsSelection ? 1 : 0)
    let amount = PrivacyBudgetConfig.Amount(epsilon: config.epsilon, delta: config.delta, roundingUp: false)
    let (groups, records) = (config.groupsPerPerson, config.recordsPerGroup)
    let total = PrivacyLoss(epsilon: Double(amount.epsilon) * 1e-6, delta: Double(amount.delta) * 1e-15)
    // delta covers the tail of Gaussian noise, or the choice of groups to show, or half of it covers each.
    let noiseDelta = config.noise == .gaussian ? (config.groupsAreKnown ? total.delta : total.delta / 2) : 0
    let selectionDelta = total.delta - noiseDelta
    let rho = ConcentratedPrivacy.rho(for: PrivacyLoss(epsilon: total.epsilon, delta: noiseDelta)) / Double(queries)
    let epsilonMicros = amount.epsilon / queries
    guard epsilonMicros > 0 else { return nil }

    var perGroups: [Int] = []
    for (measure, reach) in zip(config.measures, reaches) {
      switch measure.kind {
      case .people: perGroups.append(1)
      case .records: perGroups.append(records)
      case .sum:
        let (product, overflow) = reach.multipliedReportingOverflow(by: records)
        if overflow { return nil }
        perGroups.append(product)
      }
    }
    let shares = perGroups + (needsSelection ? [1] : [])
    let whole: Double? =
      if config.noise == .gaussian, let step = shares.first, shares.allSatisfy({ $0 == step }), groups <= 1 << 20 {
        GaussianCalibration(figures: groups * queries, step: step).variance(
          for: PrivacyLoss(epsilon: total.epsilon, delta: noiseDelta))
      } else {
        nil
      }

    func noise(perGroup: Int) -> Noise? {
      switch config.noise {
      case .laplace:
        let reach = UInt128(perGroup) * UInt128(groups)
        guard reach < 1 << 62 else { return nil }
        return .laplace(DiscreteLaplace(numerator: reach * 1_000_000, denominator: UInt128(epsilonMicros)))
      case .gaussian:
        guard rho > 0 else { return nil }
        let reach = Double(perGroup) * Double(perGroup) * Double(groups)
        let variance = reach / (2 * rho) * (1 + 1e-12)
        return DiscreteGaussian(variance: min(variance, whole ?? variance)).map { .gaussian($0) }
      }
    }

    var noises: [Noise] = []
    var people: Noise?
    for (measure, perGroup) in zip(config.measures, perGroups) {
      guard let found = noise(perGroup: perGroup) else { return nil }
      if case .people = measure.kind { people = people ?? found }
      noises.append(found)
    }
    measures = noises
    selection = needsSelection ? noise(perGroup: 1) : nil
    self.noiseDelta = noiseDelta
    // A threshold is there only where groups come from the data.
    self.selectionDelta = config.groupsAreKnown ? 0 : selectionDelta
    self.rho =
      zip(noises + [selection].compactMap { $0 }, shares).reduce(0) { sum, part in
        switch part.0 {
        // Pure ε is ε²/2 of ρ (Bun, Steinke 2016, proposition 1.4).
        case .laplace: sum + Double(epsilonMicros) * 1e-6 * Double(epsilonMicros) * 1e-6 / 2
        case .gaussian(let noise):
          sum + Double(part.1) * Double(part.1) * Double(groups) / (2 * noise.deviation * noise.deviation)
        }
      } * (1 + 1e-9)
    if needsSelection && selection == nil { return nil }
    if config.groupsAreKnown {
      threshold = nil
    } else if let counted = people ?? selection {
      threshold = Self.threshold(counted, delta: selectionDelta / Double(groups))
    } else {
      return nil
    }
  }

  /// Returns the least count that a group of one person reaches with a chance of at most `delta`.
  private static func threshold(_ noise: Noise, delta: Double) -> Int? {
    guard delta > 0 else { return nil }
    switch noise {
    case .laplace(let noise):
      // For j of 1 or more, P(noise >= j) = exp(-j/b) / (1 + exp(-1/b)).
      let b = noise.scale
      let least = b * (log(1 / delta) - log1p(exp(-1 / b)))
      return 1 + max(1, Int(least.rounded(.up)))
    case .gaussian(let noise):
      // P(noise >= j) is at most the tail of the continuous distribution from j - 1 on (Canonne, Kamath, Steinke 2020,
      // on tails).
      func tail(_ j: Int) -> Double { erfc(Double(j - 1) / (noise.deviation * 2.0.squareRoot())) / 2 }
      var (low, high) = (1, 2)
      while tail(high) > delta { high *= 2 }
      while low < high {
        let middle = (low + high) / 2
        if tail(middle) <= delta { high = middle } else { low = middle + 1 }
      }
      return 1 + low
    }
  }
}
