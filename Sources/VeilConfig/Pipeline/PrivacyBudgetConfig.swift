/// How much may be published about the same people in total, and how much was already published.
public struct PrivacyBudgetConfig: Sendable {
  /// An amount of epsilon in millionths and of delta in units of 10^-15, so that sums are exact.
  public struct Amount: Sendable, Hashable {
    public var epsilon: Int
    public var delta: Int

    public init(epsilon: Int, delta: Int) {
      self.epsilon = epsilon
      self.delta = delta
    }

    public static let epsilonUnit = 1e-6
    public static let deltaUnit = 1e-15

    /// Rounds up for a spending; with `roundingUp: false` it rounds down for a total.
    public init(epsilon: ConfigNumber, delta: ConfigNumber, roundingUp: Bool) {
      self.epsilon = Self.units(epsilon.value, places: 6, roundingUp: roundingUp)
      self.delta = Self.units(delta.value, places: 15, roundingUp: roundingUp)
    }

    private static func units(_ value: Double, places: Int, roundingUp up: Bool) -> Int {
      var scale = 1.0
      for _ in 0..<places { scale *= 10 }
      let scaled = value * scale
      // A number that was written as a whole number of units counts as whole, even if its binary form is slightly
      // different.
      let near = scaled.rounded()
      let isWhole = abs(scaled - near) <= 1e-9 * max(1, near)
      return Int(isWhole ? near : scaled.rounded(up ? .up : .down))
    }

    public static func + (first: Amount, second: Amount) -> Amount {
      Amount(epsilon: first.epsilon + second.epsilon, delta: first.delta + second.delta)
    }
  }

  /// What one release cost.
  public struct Spending: Sendable, Hashable {
    public var amount: Amount
    /// The cost in zero-concentrated differential privacy, where the line says it: ρ, and the δ with which ρ does not hold.
    public var concentrated: Concentrated?

    public init(amount: Amount, concentrated: Concentrated?) {
      self.amount = amount
      self.concentrated = concentrated
    }
  }

  public struct Concentrated: Sendable, Hashable {
    public var rho: Double
    public var delta: Double

    public init(rho: Double, delta: Double) {
      self.rho = rho
      self.delta = delta
    }
  }

  public var total: Amount
  public var spent: [Spending]

  /// The sum of what was spent so far; epsilon and delta both add up (basic composition).
  public var sum: Amount { spent.map(\.amount).reduce(Amount(epsilon: 0, delta: 0), +) }
}
