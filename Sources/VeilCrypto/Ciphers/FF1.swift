/// Format-preserving encryption: the method FF1 of NIST SP 800-38G (2016, with the smallest domain of its revision, one
/// million values), over AES under one key. A text of `n` digits of some radix becomes another text of `n` digits.
///
/// Privacy claim: a token looks like a value, and nothing shows that it is a token; equal values under one tweak give
/// equal tokens; without the key a token cannot be decrypted. A token does not prove that it is one: any text of digits
/// can be decrypted to something.
///
/// It is cheap to make. Threads must not share it: each worker thread has its own.
public final class FF1 {
  /// The smallest number of values: fewer could be enumerated (SP 800-38G Rev. 1).
  public static let leastDomain = 1_000_000
  /// The largest number of digits; FF1 itself allows 2^32.
  public static let longest = 1024
  public static let tweakLimit = 1024

  public let radix: Int
  public let tweakCount: Int
  /// The smallest number of digits that gives the smallest domain.
  public let shortest: Int

  let aes: AESBlock
  /// The values that depend only on the number of digits, by that number; each is made at its first use.
  private var shapes: [Shape?]

  /// - Parameters:
  ///   - key: 16, 24 or 32 bytes; any other length throws `keySize`.
  ///   - radix: 2 to 256 kinds of digits; any other throws `formatParameters`, and so does a tweak above `tweakLimit`.
  ///   - tweakCount: The number of bytes in the tweak of each value.
  public convenience init(key: SecretBytes, radix: Int, tweakCount: Int) throws(CryptoError) {
    try self.init(key: key, radix: radix, tweakCount: tweakCount, leastDomain: Self.leastDomain)
  }

  /// Takes another smallest domain, which Veil itself never allows: the test vectors of the standard's first edition
  /// need it.
  init(key: SecretBytes, radix: Int, tweakCount: Int, leastDomain: Int) throws(CryptoError) {
    guard [16, 24, 32].contains(key.count) else { throw .keySize(byteCount: key.count) }
    guard 2...256 ~= radix, 0...Self.tweakLimit ~= tweakCount else { throw .formatParameters }
    aes = unsafe key.withUnsafeBytes { unsafe AESBlock(key: $0) }
    self.radix = radix
    self.tweakCount = tweakCount
    shortest = Self.shortest(radix: radix, leastDomain: leastDomain)
    shapes = Array(repeating: nil, count: Self.longest + 1)
  }

  /// Returns the smallest number of digits that gives the smallest domain with `radix` kinds of digits.
  public static func shortest(radix: Int, leastDomain: Int = leastDomain) -> Int {
    var (shortest, domain) = (0, 1)
    while domain < leastDomain || shortest < 2 {
      domain *= radix
      shortest += 1
    }
    return shortest
  }

  /// Encrypts `count` digits in place. Returns false and changes nothing if there are fewer than `shortest` or more
  /// than `longest` digits, or if one is not below the radix.
  public func encrypt(
    _ digits: UnsafeMutablePointer<UInt8>, count: Int, tweak: UnsafePointer<UInt8>
  ) -> Bool {
    unsafe transform(digits, count: count, tweak: tweak, encrypts: true)
  }

  /// Reverses `encrypt`.
  public func decrypt(
    _ digits: UnsafeMutablePointer<UInt8>, count: Int, tweak: UnsafePointer<UInt8>
  ) -> Bool {
    unsafe transform(digits, count: count, tweak: tweak, encrypts: false)
  }

  private func transform(
    _ digits: UnsafeMutablePointer<UInt8>, count: Int, tweak: UnsafePointer<UInt8>, encrypts: Bool
  ) -> Bool {
    guard shortest...Self.longest ~= count else { return false }
    for index in 0..<count where unsafe Int(digits[index]) >= radix { return false }
    let shape: Shape
    if let known = shapes[count] {
      shape = known
    } else {
      shape = Shape(count: count, radix: radix, tweakCount: tweakCount, aes: aes)
      shapes[count] = shape
    }
    if let moduli = shape.moduli {
      let input = unsafe RoundInput(shape, tweak: tweak, aes: aes)
      unsafe transformShort(digits, shape, moduli: moduli, input: input, encrypts: encrypts)
    } else {
      unsafe transformLong(digits, shape, tweak: tweak, encrypts: encrypts)
    }
    return true
  }

  /// Transforms halves that fit a machine word: ten rounds of one AES block and one division each.
  private func transformShort(
    _ digits: UnsafeMutablePointer<UInt8>, _ shape: Shape, moduli: (UInt64, UInt64), input: RoundInput,
    encrypts: Bool
  ) {
    let (u, v) = (shape.u, shape.v)
    let radix = UInt64(self.radix)
    var a = unsafe Self.number(digits, count: u, radix: radix)
    var b = unsafe Self.number(digits + u, count: v, radix: radix)
    for step in 0..<10 {
      let round = encrypts ? step : 9 - step
      let modulus = round % 2 == 0 ? moduli.0 : moduli.1
      let random = input.random(round: round, number: encrypts ? b : a, modulus: modulus, aes: aes)
      if encrypts {
        // The sum is below 2^64, because the modulus is at most 2^63.
        let sum = a + random
        (a, b) = (b, sum >= modulus ? sum - modulus : sum)
      } else {
        let difference = b >= random ? b - random : b + modulus - random
        (a, b) = (difference, a)
      }
    }
    unsafe Self.write(a, to: digits, count: u, radix: radix)
    unsafe Self.write(b, to: digits + u, count: v, radix: radix)
  }

  @inline(__always)
  private static func number(_ digits: UnsafePointer<UInt8>, count: Int, radix: UInt64) -> UInt64 {
    var number: UInt64 = 0
    for index in 0..<count { number = unsafe number &* radix &+ UInt64(digits[index]) }
    return number
  }

  @inline(__always)
  private static func write(_ number: UInt64, to digits: UnsafeMutablePointer<UInt8>, count: Int, radix: UInt64) {
    var rest = number
    var index = count
    while index > 0 {
      index -= 1
      unsafe digits[index] = UInt8(truncatingIfNeeded: rest % radix)
      rest /= radix
    }
  }
}

extension FF1 {
  /// The values that FF1 computes from the number of digits, the radix and the tweak's length alone. Their names are
  /// those of the standard.
  struct Shape {
    /// The number of digits in the left and in the right half.
    let u: Int
    let v: Int
    /// The number of bytes of a half as a number, and of the pseudorandom number that is added to it.
    let b: Int
    let d: Int
    let tweakCount: Int
    /// The number of zeros between the tweak and the round's number.
    let padding: Int
    /// P, encrypted by AES.
    let start: Block
    /// The radix to the power of `u` and of `v`, if both are at most 2^63.
    let moduli: (UInt64, UInt64)?

    init(count: Int, radix: Int, tweakCount: Int, aes: borrowing AESBlock) {
      u = count / 2
      v = count - u
      let moduli = Self.powers(of: radix, u: count / 2, v: count - count / 2)
      self.moduli = moduli
      // ceil(v * log2(radix)) is the number of bits of the largest number with v digits.
      let bits = moduli.map { 64 - ($0.1 - 1).leadingZeroBitCount }
      let largest = [UInt8](repeating: UInt8(radix - 1), count: v)
      b = ((bits ?? LongNumber(digits: largest, radix: radix).bitCount) + 7) / 8
      d = 4 * ((b + 3) / 4) + 4
      self.tweakCount = tweakCount
      padding = (16 - (tweakCount + b + 1) % 16) % 16
      let head: UInt64 = 0x0102_0100_0000_0A00 | UInt64(radix) << 16 | UInt64(u & 0xFF)
      let tail = UInt64(count) << 32 | UInt64(tweakCount)
      start = aes.encrypt(Block(head.bigEndian, tail.bigEndian))
    }

    private static func powers(of radix: Int, u: Int, v: Int) -> (UInt64, UInt64)? {
      guard let first = power(radix, u), let second = power(radix, v) else { return nil }
      return (first, second)
    }

    private static func power(_ radix: Int, _ exponent: Int) -> UInt64? {
      var power: UInt64 = 1
      for _ in 0..<exponent {
        let (next, overflow) = power.multipliedReportingOverflow(by: UInt64(radix))
        if overflow || next > 1 << 63 { return nil }
        power = next
      }
      return power
    }
  }

  /// The input of a round for short halves: everything in Q before the round's number and the half is absorbed in whole
  /// blocks, and the rest of the tweak shares the last block with these two.
  struct RoundInput {
    private let chain: Block
    private let b: Int
    private let d: Int

    init(_ shape: Shape, tweak: UnsafePointer<UInt8>, aes: borrowing AESBlock) {
      b = shape.b
      d = shape.d
      var chain = shape.start
      var left = shape.tweakCount
      var next = unsafe tweak
      // Sound: no more than the tweak's bytes are read, and the last block's part of it is below 16.
      while left >= 16 {
        chain = unsafe aes.encrypt(chain ^ Block(loading: next))
        unsafe next += 16
        left -= 16
      }
      var rest = Block()
      unsafe withUnsafeMutableBytes(of: &rest) { rest in
        for index in 0..<left { unsafe rest[index] = next[index] }
      }
      // The rest of the tweak, the round and the half may not fit into one block.
      if left + 1 + b > 16 {
        chain = aes.encrypt(chain ^ rest)
      } else {
        chain ^= rest
      }
      self.chain = chain
    }

    /// Returns the pseudorandom number of a round, modulo the half's own modulus.
    @inline(__always)
    func random(round: Int, number: UInt64, modulus: UInt64, aes: borrowing AESBlock) -> UInt64 {
      let place = UInt64(truncatingIfNeeded: round)
      let head = b == 8 ? place : 0
      let tail = b == 8 ? number : place << UInt64(8 * b) | number
      let made = aes.encrypt(chain ^ Block(head.bigEndian, tail.bigEndian))
      let first = made[0].bigEndian
      if d == 8 { return first % modulus }
      // The number has twelve bytes: the first four, then eight.
      let low = first << 32 | made[1].bigEndian >> 32
      return modulus.dividingFullWidth((first >> 32 % modulus, low)).remainder
    }
  }
}
