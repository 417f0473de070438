import VeilConfig

/// How much work local recoding may do: counted, so that the same input gives the same output on any machine.
struct SearchWork: Sendable {
  /// What raises the price while classes are built; the closer to 1, the finer and the slower.
  let factor: Double
  /// First prices to try besides the usual one.
  let otherPrices: [Double]
  /// Passes of single moves and exchanges.
  let passes: Int
  /// Keys for each combination that may be made while classes are rebuilt.
  let rebuilding: Int
  /// Words for each combination that may be looked at while classes are annealed.
  let annealing: Int
  /// Larger blocks are cut where possible. Classes do not reach across a cut, which saves time and costs loss.
  let block: Int

  /// A large table gets less work for each combination: a million records are to take seconds. Small classes settle sooner.
  init(_ effort: AnonymityConfig.Effort, combinations: Int, k: Int) {
    otherPrices = effort == .fast ? [] : effort == .normal ? [0.02, 0.05] : [0.014, 0.02, 0.028, 0.035, 0.05]
    block = effort == .max ? 30_000 : 12_000
    switch effort {
    case .fast: (factor, passes, rebuilding, annealing) = (1.6, 1, 0, 100)
    case .normal where combinations > 250_000: (factor, passes, rebuilding, annealing) = (1.25, 1, 50, 100)
    case .normal: (factor, passes, rebuilding, annealing) = (1.12, 1, 50, 1200 + 400 * min(k, 7))
    case .max where combinations > 100_000: (factor, passes, rebuilding, annealing) = (1.1, 3, 1000, 2000)
    case .max: (factor, passes, rebuilding, annealing) = (1.06, 2, 3000, 40_000)
    }
  }
}
