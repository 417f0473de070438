import Glibc

/// How often an attack succeeded, with Wilson's 95 % interval (Wilson 1927). As in Giomi et al. 2023, the rate is the
/// middle of the interval: a little nearer to 1/2 than the share of successes.
public struct SuccessRate: Sendable, Equatable {
  public let attempts: Int
  /// May be a fraction, where the attempts were on fewer records than those they are compared with.
  public let successes: Double

  /// The quantile of the normal distribution for 95 %.
  static let z = 1.959963984540054

  init(successes: Double, of attempts: Int) {
    self.attempts = attempts
    self.successes = min(successes, Double(attempts))
  }

  public var value: Double { (successes + Self.z * Self.z / 2) / (Double(attempts) + Self.z * Self.z) }

  /// Half of the interval's length.
  public var error: Double {
    guard attempts > 0 else { return 0.5 }
    let spread = successes * (Double(attempts) - successes) / Double(attempts)
    return Self.z / (Double(attempts) + Self.z * Self.z) * (spread + Self.z * Self.z / 4).squareRoot()
  }

  public var low: Double { max(0, value - error) }
  public var high: Double { min(1, value + error) }
}

/// What an attack achieves on people of a release beyond what it achieves on people who are not in it (Giomi et al.
/// 2023): the part of what the control leaves open, (attack - control) / (1 - control), at least 0.
public struct AttackRisk: Sendable, Equatable {
  public let attack: SuccessRate
  public let control: SuccessRate
  /// The success of guesses that do not look at the release's records.
  public let baseline: SuccessRate

  init(attack: SuccessRate, control: SuccessRate, baseline: SuccessRate) {
    (self.attack, self.control, self.baseline) = (attack, control, baseline)
  }

  /// Whether the release gave anything to attack. If not, nothing was tried and the risk is 0.
  public var wasTried: Bool { attack.attempts > 0 }

  private var excess: Double { (attack.value - control.value) / (1 - control.value) }

  /// The error of both rates, propagated to first order.
  private var error: Double {
    let rest = 1 - control.value
    return hypot(attack.error / rest, control.error * (1 - attack.value) / (rest * rest))
  }

  public var value: Double { wasTried ? min(1, max(0, excess)) : 0 }
  public var low: Double { wasTried ? min(1, max(0, excess - error)) : 0 }
  public var high: Double { wasTried ? min(1, max(0, excess + error)) : 0 }
}

/// The three risks of the Article 29 Working Party's Opinion 05/2014 (WP216), each measured by attacks.
public struct ThreeRisks: Sendable {
  /// One attack and what it came to.
  public struct Attack: Sendable {
    /// What was attacked, in words or by the names of fields; no value.
    public let name: String
    public let risk: AttackRisk
  }

  public let singlingOut: [Attack]
  /// Empty where fewer than two fields are known to others.
  public let linkability: [Attack]
  /// One for each secret field; empty where there is none.
  public let inference: [Attack]

  /// Fields that leave and could not be compared with the original, such as tokens. What is told by them was not
  /// measured.
  public var notCompared: [String] = []

  public var all: [Attack] { singlingOut + linkability + inference }

  /// The attack with the highest risk of some: the one that counts.
  public static func worst(_ attacks: [Attack]) -> Attack? {
    attacks.max { ($0.risk.value, $0.risk.high) < ($1.risk.value, $1.risk.high) }
  }

  /// The highest of all risks; 0 where nothing could be attacked.
  public var highest: Double { Self.worst(all)?.risk.value ?? 0 }
}
