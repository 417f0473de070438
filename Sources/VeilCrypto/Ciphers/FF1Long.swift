/// FF1 for halves that do not fit a machine word: the steps of the standard, with numbers of any length.
extension FF1 {
  func transformLong(
    _ digits: UnsafeMutablePointer<UInt8>, _ shape: Shape, tweak: UnsafePointer<UInt8>, encrypts: Bool
  ) {
    // Sound: the caller has checked that there are `u + v` digits, and as many bytes of the tweak as the shape says.
    var a = unsafe Array(UnsafeBufferPointer(start: digits, count: shape.u))
    var b = unsafe Array(UnsafeBufferPointer(start: digits + shape.u, count: shape.v))
    var q = unsafe Array(UnsafeBufferPointer(start: tweak, count: shape.tweakCount))
    q += [UInt8](repeating: 0, count: shape.padding + 1 + shape.b)
    let numberStart = q.count - shape.b
    for step in 0..<10 {
      let round = encrypts ? step : 9 - step
      q[numberStart - 1] = UInt8(round)
      LongNumber(digits: encrypts ? b : a, radix: radix).write(to: &q[numberStart...])
      var random = LongNumber(bytes: pseudorandom(q, shape))
      let m = round % 2 == 0 ? shape.u : shape.v
      let addend = random.takeDigits(m, radix: radix)
      if encrypts {
        (a, b) = (b, add(a, addend))
      } else {
        (a, b) = (subtract(b, addend), a)
      }
    }
    for (index, digit) in (a + b).enumerated() { unsafe digits[index] = digit }
  }

  /// Returns the first `d` bytes of R, AES(R ^ 1), AES(R ^ 2), …, where R is the CBC-MAC of P and Q.
  private func pseudorandom(_ q: [UInt8], _ shape: Shape) -> [UInt8] {
    var chain = shape.start
    unsafe q.withUnsafeBufferPointer { q in
      guard let start = q.baseAddress else { return }
      // Sound: Q consists of whole blocks.
      for place in stride(from: 0, to: q.count, by: 16) {
        chain = unsafe aes.encrypt(chain ^ Block(loading: start + place))
      }
    }
    var bytes: [UInt8] = []
    var index: UInt64 = 0
    while bytes.count < shape.d {
      let block = index == 0 ? chain : aes.encrypt(chain ^ Block(0, index.bigEndian))
      unsafe withUnsafeBytes(of: block) { unsafe bytes.append(contentsOf: $0) }
      index += 1
    }
    return Array(bytes.prefix(shape.d))
  }

  private func add(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    var sum = a
    var carry = 0
    for index in a.indices.reversed() {
      let total = Int(a[index]) + Int(b[index]) + carry
      carry = total >= radix ? 1 : 0
      sum[index] = UInt8(total - carry * radix)
    }
    return sum
  }

  private func subtract(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    var difference = a
    var borrow = 0
    for index in a.indices.reversed() {
      let total = Int(a[index]) - Int(b[index]) - borrow
      borrow = total < 0 ? 1 : 0
      difference[index] = UInt8(total + borrow * radix)
    }
    return difference
  }
}

/// A whole number of any length, with the operations that FF1 needs.
struct LongNumber {
  /// The parts of the number, the least significant one first.
  private var limbs: [UInt32] = []

  /// Reads digits of a radix, the most significant one first.
  init(digits: [UInt8], radix: Int) {
    for digit in digits {
      var carry = UInt64(digit)
      for index in limbs.indices {
        let product = UInt64(limbs[index]) * UInt64(radix) + carry
        limbs[index] = UInt32(truncatingIfNeeded: product)
        carry = product >> 32
      }
      if carry > 0 { limbs.append(UInt32(truncatingIfNeeded: carry)) }
    }
  }

  /// Reads bytes, the most significant one first.
  init(bytes: [UInt8]) {
    limbs = Array(repeating: 0, count: (bytes.count + 3) / 4)
    for (place, byte) in bytes.reversed().enumerated() { limbs[place / 4] |= UInt32(byte) << UInt32(place % 4 * 8) }
  }

  var bitCount: Int {
    guard let last = limbs.lastIndex(where: { $0 > 0 }) else { return 0 }
    return last * 32 + 32 - limbs[last].leadingZeroBitCount
  }

  /// Fills `bytes`, the most significant one first, with leading zeros.
  func write(to bytes: inout ArraySlice<UInt8>) {
    for (place, index) in bytes.indices.reversed().enumerated() {
      let limb = place / 4 < limbs.count ? limbs[place / 4] : 0
      bytes[index] = UInt8(truncatingIfNeeded: limb >> UInt32(place % 4 * 8))
    }
  }

  /// Removes the last `count` digits in a radix and returns them: the number is divided by the power of the radix.
  mutating func takeDigits(_ count: Int, radix: Int) -> [UInt8] {
    // It takes as many digits at a time as fit into one part.
    var (unit, unitDigits) = (UInt64(radix), 1)
    while unit * UInt64(radix) < 1 << 32 {
      unit *= UInt64(radix)
      unitDigits += 1
    }
    var digits = [UInt8](repeating: 0, count: count)
    var end = count
    while end > 0 {
      var rest: UInt64 = 0
      for index in limbs.indices.reversed() {
        let value = rest << 32 | UInt64(limbs[index])
        limbs[index] = UInt32(truncatingIfNeeded: value / unit)
        rest = value % unit
      }
      let start = max(0, end - unitDigits)
      while end > start {
        end -= 1
        digits[end] = UInt8(truncatingIfNeeded: rest % UInt64(radix))
        rest /= UInt64(radix)
      }
    }
    return digits
  }
}
