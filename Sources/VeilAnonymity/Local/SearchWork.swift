import VeilConfig

/// The amount of work that local recoding may do. It is counted, so that the same input gives the same output on any
/// machine.
struct SearchWork: Sendable {
  /// The factor that raises the price while classes are built. The closer it is to 1, the finer and slower is the
  /// search.
  let factor: Double
  /// More first prices to try besides the usual one.
  let otherPrices: [Double]
  /// The number of passes of single moves and exchanges.
  let passes: Int
  /// The number of keys for each combination that may be computed while classes are rebuilt.
  let rebuilding: Int
  /// The number of words for each combination that may be read while classes are annealed.
  let annealing: Int
  /// Larger blocks are cut if possible. Classes do not cross a cut, which saves time and adds loss.
  let block: Int

  /// A large table gets less work for each combination, because a million records should take seconds. Small classes
  /// need less work.
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
