/// Divides whole numbers by one that stays the same.
///
/// Numbers of up to 32 bits are multiplied by a reciprocal instead, which is exact for all of them: Lemire, Kaser and Kurz,
/// "Faster remainder by direct computation" (2019).
struct Divisor: Sendable {
  let value: Int
  /// 2^64 divided by `value`, rounded up; 0 where `value` does not fit.
  private let reciprocal: UInt64

  /// - Parameter value: 1 or more.
  init(_ value: Int) {
    precondition(value > 0)
    self.value = value
    reciprocal = 2...Int(UInt32.max) ~= value ? UInt64.max / UInt64(value) + 1 : 0
  }

  /// What is left of `number` above the multiple that is not greater: 0 or more, also for negative numbers.
  @inline(__always)
  func remainder(of number: Int) -> Int {
    if let small = UInt32(exactly: number), reciprocal > 0 {
      let quotient = reciprocal.multipliedFullWidth(by: UInt64(small)).high
      return number &- Int(truncatingIfNeeded: quotient) &* value
    }
    let rest = number % value
    return rest < 0 ? rest + value : rest
  }
}
