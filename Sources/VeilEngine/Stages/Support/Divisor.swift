/// Divides many whole numbers by the same divisor.
///
/// Numbers of up to 32 bits are multiplied by a reciprocal instead, which is exact for all of them: Lemire, Kaser and
/// Kurz, "Faster remainder by direct computation" (2019).
struct Divisor: Sendable {
  let value: Int
  /// 2^64 divided by `value`, rounded up; 0 if `value` is 1 or has more than 32 bits.
  private let reciprocal: UInt64

  /// - Parameter value: 1 or more.
  init(_ value: Int) {
    precondition(value > 0)
    self.value = value
    reciprocal = 2...Int(UInt32.max) ~= value ? UInt64.max / UInt64(value) + 1 : 0
  }

  /// Returns `number` minus the greatest multiple that is not above it: 0 or more, also for negative numbers.
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
