import VeilConfig

/// Adds up what releases about the same people cost together.
///
/// Two sums are made, and either may show that the budget is kept, since each is a proof: ε and δ (basic composition), and ρ
/// of zero-concentrated differential privacy, which grows more slowly for many releases (Bun, Steinke 2016; the chances of
/// failure add up beside it, section 8).
struct PrivacyAccountant {
  let budget: PrivacyBudgetConfig

  /// A δ above this is no chance that could be left to happen, so it does not buy ε.
  private static let largestDelta = 0.01

  func allows(_ asked: [PrivacyBudgetConfig.Spending]) -> Bool {
    let all = budget.spent + asked
    let sum = all.map(\.amount).reduce(PrivacyBudgetConfig.Amount(epsilon: 0, delta: 0), +)
    if sum.epsilon <= budget.total.epsilon, sum.delta <= budget.total.delta { return true }
    let delta = Double(budget.total.delta) * PrivacyBudgetConfig.Amount.deltaUnit
    guard delta <= Self.largestDelta else { return false }
    let cost = all.map(Self.concentrated).reduce(into: PrivacyBudgetConfig.Concentrated(rho: 0, delta: 0)) {
      $0.rho += $1.rho
      $0.delta += $1.delta
    }
    let left = (delta - cost.delta * (1 + 1e-9)) * (1 - 1e-9)
    let epsilon = Double(budget.total.epsilon) * PrivacyBudgetConfig.Amount.epsilonUnit
    guard left > 0, epsilon > 0 else { return false }
    return ConcentratedPrivacy.delta(rho: cost.rho * (1 + 1e-9), epsilon: epsilon * (1 - 1e-12)) <= left
  }

  /// What (ε, δ) costs at most, where a line says no more: ε²/2, with the same δ of failure (Bun, Steinke 2016, section 8).
  private static func concentrated(_ spending: PrivacyBudgetConfig.Spending) -> PrivacyBudgetConfig.Concentrated {
    if let known = spending.concentrated { return known }
    let epsilon = Double(spending.amount.epsilon) * PrivacyBudgetConfig.Amount.epsilonUnit
    let delta = Double(spending.amount.delta) * PrivacyBudgetConfig.Amount.deltaUnit
    return .init(rho: epsilon * epsilon / 2, delta: delta)
  }
}
