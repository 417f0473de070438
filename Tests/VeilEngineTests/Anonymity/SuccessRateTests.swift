import Testing

@testable import VeilEngine

@Suite("Attack: rates and risks")
struct SuccessRateTests {
  private struct Known {
    let attempts: Int, attack: Double, control: Double
    let rates: [Double]
    let risk: [Double]
  }

  /// Computed by the package anonymeter 1.1.0: attack and its error, control and its error; the risk and its interval.
  private static let known = [
    Known(
      attempts: 2000, attack: 1640, control: 480,
      rates: [0.8193865448699992, 0.01683248365243399, 0.24049843229312579, 0.018706091490510942],
      risk: [0.7621947566542646, 0.7392713470655002, 0.785118166243029]),
    Known(
      attempts: 500, attack: 0, control: 0,
      rates: [0.0038121702307761206, 0.00381217023077612, 0.0038121702307761206, 0.00381217023077612],
      risk: [0, 0, 0.005411853750198381]),
    Known(
      attempts: 500, attack: 20, control: 40,
      rates: [0.04350719661231403, 0.01746639922253677, 0.08320222299385194, 0.023904093583999354], risk: [0, 0, 0]),
    Known(
      attempts: 50, attack: 50, control: 3,
      rates: [0.9643262004333206, 0.03567379956667936, 0.09139294361867784, 0.07077797326970388],
      risk: [0.9607379237084552, 0.9213569068585442, 1]),
  ]

  @Test("Rates, risks and their intervals are those of the package anonymeter", arguments: known.indices)
  func equalsThePackage(_ number: Int) {
    let known = Self.known[number]
    let attack = SuccessRate(successes: known.attack, of: known.attempts)
    let control = SuccessRate(successes: known.control, of: known.attempts)
    let risk = AttackRisk(attack: attack, control: control, baseline: control)
    let found = [attack.value, attack.error, control.value, control.error, risk.value, risk.low, risk.high]
    for (own, other) in zip(found, known.rates + known.risk) { #expect(abs(own - other) < 1e-12) }
  }

  @Test("Without anything to attack the risk is 0")
  func nothing() {
    let none = SuccessRate(successes: 0, of: 0)
    let risk = AttackRisk(attack: none, control: none, baseline: none)
    #expect(!risk.wasTried && risk.value == 0 && risk.high == 0)
  }

  @Test("A control of another size is recalculated")
  func sizes() {
    // One match in a group of two: half of the groups of one have it.
    #expect(abs(SinglingOutSize.successes([1, 1, 0, 2], size: 2, wanted: 1) - 2) < 1e-9)
    #expect(SinglingOutSize.successes([1, 2, 0, 1], size: 10, wanted: 10) == 2)
    // A smaller group is not extrapolated.
    #expect(SinglingOutSize.successes([1, 2, 0, 1], size: 10, wanted: 40) == 2)
  }
}
