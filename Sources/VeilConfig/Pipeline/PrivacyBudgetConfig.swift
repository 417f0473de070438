/// What may be told about the same people in all, and what was told already.
public struct PrivacyBudgetConfig: Sendable {
  /// Epsilon in millionths and delta in units of 10^-15, so that sums are exact.
  public struct Amount: Sendable, Hashable {
    public var epsilon: Int
    public var delta: Int

    public init(epsilon: Int, delta: Int) {
      self.epsilon = epsilon
      self.delta = delta
    }

    public static let epsilonUnit = 1e-6
    public static let deltaUnit = 1e-15

    /// A spending, rounded up; a total, rounded down, is made with `roundingUp: false`.
    public init(epsilon: ConfigNumber, delta: ConfigNumber, roundingUp: Bool) {
      self.epsilon = Self.units(epsilon.value, places: 6, roundingUp: roundingUp)
      self.delta = Self.units(delta.value, places: 15, roundingUp: roundingUp)
    }

    private static func units(_ value: Double, places: Int, roundingUp up: Bool) -> Int {
      var scale = 1.0
      for _ in 0..<places { scale *= 10 }
      let scaled = value * scale
      // What was written as a whole number of units is one, although its binary form is a little off.
      let near = scaled.rounded()
      let isWhole = abs(scaled - near) <= 1e-9 * max(1, near)
      return Int(isWhole ? near : scaled.rounded(up ? .up : .down))
    }

    public static func + (first: Amount, second: Amount) -> Amount {
      Amount(epsilon: first.epsilon + second.epsilon, delta: first.delta + second.delta)
    }
  }

  public var total: Amount
  public var spent: [Amount]

  /// What was spent so far; both add up (basic composition).
  public var sum: Amount { spent.reduce(Amount(epsilon: 0, delta: 0), +) }

  public func allows(_ amount: Amount) -> Bool {
    let after = sum + amount
    return after.epsilon <= total.epsilon && after.delta <= total.delta
  }
}
