import VeilCrypto

/// A source of uniform random bits. Tests use a source of their own, so that they can repeat the draws.
protocol RandomBits {
  mutating func next() -> UInt64
}

/// Bits from OpenSSL's generator for private values, fetched in blocks.
struct SecureBits: RandomBits {
  private var words = [UInt64](repeating: 0, count: 64)
  private var used = 64

  mutating func next() -> UInt64 {
    if used == words.count {
      unsafe words.withUnsafeMutableBytes { unsafe SecureRandom.fillMuch($0) }
      used = 0
    }
    defer {
      // A used word is erased: whoever could read the noise from memory could remove it.
      words[used] = 0
      used += 1
    }
    return words[used]
  }
}

extension RandomBits {
  /// Returns a uniform number in `0..<bound`, without bias: a draw beyond the last whole multiple of `bound` is drawn
  /// again. `bound` is above zero.
  mutating func uniform(below bound: UInt128) -> UInt128 {
    let bits = UInt128.bitWidth - (bound - 1).leadingZeroBitCount
    let mask: UInt128 = bits == 128 ? .max : (1 << UInt128(bits)) - 1
    while true {
      var draw = UInt128(next())
      if bits > 64 { draw |= UInt128(next()) << 64 }
      draw &= mask
      if draw < bound { return draw }
    }
  }

  /// Returns true with exactly the probability `numerator / denominator`.
  mutating func bernoulli(_ numerator: UInt128, _ denominator: UInt128) -> Bool {
    uniform(below: denominator) < numerator
  }

  /// Returns true with exactly the probability `exp(-numerator / denominator)`. It uses no floating point, whose
  /// rounding can tell a published figure from its neighbours (shown by Mironov 2012).
  ///
  /// Source: Canonne, Kamath, Steinke: The Discrete Gaussian for Differential Privacy (2020), algorithm 1.
  mutating func bernoulliExp(_ numerator: UInt128, _ denominator: UInt128) -> Bool {
    let (whole, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
    for _ in 0..<min(whole, 1 << 20) where !bernoulliExpOfFraction(1, 1) { return false }
    return bernoulliExpOfFraction(rest, denominator)
  }

  /// Does the same as `bernoulliExp` for a fraction of at most 1: the number of terms of the series that are drawn is
  /// odd with exactly that probability.
  private mutating func bernoulliExpOfFraction(_ numerator: UInt128, _ denominator: UInt128) -> Bool {
    var term: UInt128 = 1
    while bernoulli(numerator, denominator * term) { term += 1 }
    return term % 2 == 1
  }
}
