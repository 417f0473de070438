import Testing

@testable import VeilEngine

@Suite("Divisor")
struct DivisorTests {
  /// Written as the definition has it.
  private static func remainder(_ number: Int, _ divisor: Int) -> Int {
    let rest = number % divisor
    return rest < 0 ? rest + divisor : rest
  }

  private static let edges: [Int] = {
    let powers = (0..<40).map { 1 << $0 } + (0..<12).map { power in (0..<power).reduce(1) { number, _ in number * 10 } }
    return Array(Set(powers.flatMap { [$0 - 1, $0, $0 + 1] }))
  }()

  @Test func isExactAtTheEdges() {
    var wrong: [(Int, Int)] = []
    for divisor in Self.edges where divisor > 0 {
      let fast = Divisor(divisor)
      for multiple in [0, 1, 2, 3, (1 << 32) / divisor] {
        for number in Self.edges + [-1, 0, 1].map({ divisor * multiple + $0 }) {
          for signed in [number, -number] where fast.remainder(of: signed) != Self.remainder(signed, divisor) {
            wrong.append((signed, divisor))
          }
        }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }

  @Test func isExactForAnyNumbers() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<100_000 {
      let divisor = Int.random(in: 1...Int.random(in: 1...1 << 33, using: &random), using: &random)
      let number = Int.random(in: -(1 << 50)...(1 << 50), using: &random) >> Int.random(in: 0..<50, using: &random)
      guard Divisor(divisor).remainder(of: number) == Self.remainder(number, divisor) else {
        Issue.record("\(number) by \(divisor)")
        return
      }
    }
  }
}
