import Testing

@testable import VeilEngine

@Suite struct NumberStageTests {
  static let notANumber = Value.bad("is not a decimal number")
  static let tooLarge = Value.bad("is a number too large to handle")

  @Test func bucketsOfWholeWidth() throws {
    try expect(
      "{bucket: {width: 10000}}",
      [
        ("0", "0-9999"), ("9999", "0-9999"), ("10000", "10000-19999"), ("19999.99", "10000-19999"), ("-1", "-10000--1"),
        ("-10000", "-10000--1"), ("-10000.000000000000000000000000000000000000001", "-20000--10001"), ("-0", "0-9999"),
        ("-0.1", "-10000--1"), ("1e4", "10000-19999"), ("1.5E+4", "10000-19999"), (".5", "0-9999"), ("5.", "0-9999"),
        ("+5", "0-9999"), ("1e-400", "0-9999"), ("-1e-400", "-10000--1"), ("0e999999999999", "0-9999"),
        ("100000000000000000000000000000", "100000000000000000000000000000-100000000000000000000000009999"),
        ("1e36", Self.tooLarge), ("1e999999999999999999999", Self.tooLarge), ("-1e400", Self.tooLarge),
        ("", Self.notANumber), ("abc", Self.notANumber), ("1,000", Self.notANumber), (" 1", Self.notANumber),
        ("NaN", Self.notANumber), ("inf", Self.notANumber), ("-Infinity", Self.notANumber), ("0x10", Self.notANumber),
        ("1e", Self.notANumber), ("1e+", Self.notANumber), ("1.2.3", Self.notANumber), ("--1", Self.notANumber),
        ("١٢", Self.notANumber), (".", Self.notANumber), ("1e5.5", Self.notANumber), (.null, .null),
      ])
    try expect("{bucket: 5}", json: true, [(.literal("12.5"), "10-14"), (.literal("true"), Self.notANumber)])
    try expect("{bucket: {width: 1}}", [("7.5", "7-7")])
    try expect("{bucket: {width: 10, origin: 5}}", [("4", "-5-4"), ("5", "5-14"), ("14.9", "5-14")])
  }

  /// Around every power of ten and of two, and all numbers of up to five digits.
  @Test func wholeNumbersAreSpeltAsSwiftSpellsThem() {
    var numbers = Array(0...99_999) + [Int.max, Int.min, 99_999_999, 100_000_000]
    var power = 1
    while power < Int.max / 10 {
      power *= 10
      for near in [power - 1, power, power + 1] { numbers += [near, -near] }
    }
    for bit in 1..<63 { numbers += [1 << bit, -(1 << bit) - 1] }
    for number in numbers {
      var out = ByteBuffer()
      out.append(decimal: number)
      let text = String(decoding: UnsafeBufferPointer(start: out.start, count: out.count), as: UTF8.self)
      #expect(text == String(number))
    }
  }

  @Test func bucketsOfOtherWidths() throws {
    try expect(
      "{bucket: {width: 0.5}}", [("0.74", "[0.5, 1)"), ("1", "[1, 1.5)"), ("-0.1", "[-0.5, 0)"), ("-0.5", "[-0.5, 0)")])
    try expect("{bucket: {width: 10, origin: 0.5}}", [("0.4", "[-9.5, 0.5)"), ("10.5", "[10.5, 20.5)")])
    try expect("{bucket: {width: 0.01}}", [("0.1", "[0.1, 0.11)"), ("99.999", "[99.99, 100)")])
    try expect("{bucket: {width: 1.0}}", [("7", "7-7")])
    for width in ["0", "-5", "0.0"] { #expect(refusal("{bucket: {width: \(width)}}") == "'width' must be above 0") }
    #expect(refusal("{bucket: {width: 1e30}}") == "'width' must have at most 20 digits before the point")
    #expect(refusal("{bucket: {width: 1e-30}}") == "'width' has more than 15 decimals")
    #expect(refusal("{bucket: {width: ten}}") == "'width' must be a number, not text")
    #expect(refusal("bucket") == "stage 'bucket' needs 'width'")
  }

  @Test func roundsHalvesAwayFromZero() throws {
    try expect(
      "{round: {to: 10}}",
      [("5", "10"), ("4.99", "0"), ("-5", "-10"), ("-4", "0"), ("15", "20"), ("25", "30"), ("1e2", "100")])
    try expect(
      "{round: {digits: 2}}",
      [
        ("1.005", "1.01"), ("2", "2.00"), ("-0.001", "0.00"), ("0.125", "0.13"), ("1e-9", "0.00"),
        ("9.999", "10.00"), ("0.00499999999999999999999999999999999999999999999", "0.00"), ("1e34", Self.tooLarge),
      ])
    try expect(
      "{round: {digits: 0}}", json: true,
      [(.literal("2.5"), .literal("3")), ("2.5", "3"), (.literal("-0.4"), .literal("0"))])
    try expect("{round: {to: 0.25}}", [("0.3", "0.25"), ("0.375", "0.50"), ("7", "7.00")])
    #expect(refusal("round") == "stage 'round' needs 'to' or 'digits'")
    #expect(refusal("{round: {to: 0}}") == "'to' must be above 0")
    #expect(
      refusal("{round: {to: 1, digits: 1}}")
        == "'to' and 'digits' exclude each other; a stage can only have one of them")
    #expect(refusal("{round: {digits: 16}}") == "'digits' must be between 0 and 15")
  }

  @Test func clampsBottomAndTop() throws {
    try expect(
      "{clamp: {min: 18, max: 90}}", json: true,
      [
        (.literal("17.99"), .literal("18")), ("18", "18"), (.literal("18.50"), .literal("18.50")), ("90", "90"),
        ("90.0000001", "90"),
        (.literal("1e400"), .literal("90")), ("-1e400", "18"), ("x", Self.notANumber), (.null, .null),
      ])
    try expect(
      "{clamp: {min: 18, max: 89, below: \"<18\", above: \"90+\"}}", json: true,
      [
        (.literal("17"), "<18"), (.literal("90"), "90+"), (.literal("40"), .literal("40")), (.literal("89.5"), "90+"),
      ])
    try expect(
      "{clamp: {max: 0.5}}",
      [("0.50", "0.50"), ("0.500000000000000000000000000000000000000000001", "0.5"), ("-7", "-7")])
    try expect(
      "{clamp: {min: -1.5}}",
      [("-1.6", "-1.5"), ("-1.5000000000000000000000000000000000000000001", "-1.5"), ("1e999", "1e999")])
    #expect(refusal("clamp") == "stage 'clamp' needs 'min' or 'max'")
    #expect(refusal("{clamp: {min: 2, max: 1}}") == "'max' is lower than 'min'")
    #expect(refusal("{clamp: {min: 2, above: x}}") == "'above' needs 'max'")
  }

  /// Python's `decimal`, with more digits than any value has, rounds exactly.
  @Test func agreesWithPythonsDecimal() throws {
    let lines = try python(
      #"""
      import random
      from decimal import *
      getcontext().prec = 400
      getcontext().Emax = MAX_EMAX
      getcontext().Emin = MIN_EMIN
      r = random.Random(11)
      def number():
          kind = r.randrange(5)
          digits = "".join(r.choice("0123456789") for _ in range(r.choice([1, 2, 5, 9, 17, 40])))
          if kind == 0: s = digits[:25]
          elif kind == 1: s = digits[:12] + "." + "".join(r.choice("0059") for _ in range(r.randint(1, 60)))
          elif kind == 2: s = "0." + digits + "e" + str(r.randint(-60, 12))
          elif kind == 3: s = str(r.randint(0, 20) * 5) + r.choice(["", ".0", ".5", ".25", ".50000000000000000001", ".4999999999"])
          else: s = digits[0] + "." + digits + "E+" + str(r.randint(0, 15))
          return r.choice(["", "-", "-", "+"]) + s
      def plain(d):
          s = format(d, "f")
          if "." in s: s = s.rstrip("0").rstrip(".")
          return "0" if s in ("-0", "") else s
      for _ in range(6000):
          text = number()
          d = Decimal(text)
          row = [text]
          for width, origin in (("10000", "0"), ("7", "-3"), ("0.25", "0.1"), ("1000000007", "0")):
              w, o = Decimal(width), Decimal(origin)
              low = ((d - o) / w).to_integral_value(ROUND_FLOOR) * w + o
              # The quotient may be rounded at 400 digits; put it right.
              while low > d: low -= w
              while low + w <= d: low += w
              whole = w == w.to_integral_value() and o == o.to_integral_value()
              row.append(f"{plain(low)}-{plain(low + w - 1)}" if whole else f"[{plain(low)}, {plain(low + w)})")
          for places in (0, 2):
              q = d.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
              row.append(format(abs(q) if q == 0 else q, "f"))
          m = (d / 50).quantize(Decimal(1), ROUND_HALF_UP) * 50
          row.append(format(abs(m) if m == 0 else m, "f"))
          print("\t".join(row))
      """#)
    #expect(lines.count == 6000)
    let rules = [
      "{bucket: {width: 10000}}", "{bucket: {width: 7, origin: -3}}", "{bucket: {width: 0.25, origin: 0.1}}",
      "{bucket: {width: 1000000007}}", "{round: {digits: 0}}", "{round: {digits: 2}}", "{round: {to: 50}}",
    ]
    let given = lines.map { Value.text($0[0]) }
    for (place, rule) in rules.enumerated() {
      let made = try StageHarness(rule).run(given)
      let wrong = zip(lines, made).filter { $1 != .text($0[place + 1]) }
      let tooLarge = wrong.filter { $1 == Self.tooLarge }
      #expect(wrong.count == tooLarge.count, "\(rule): \(wrong.first.map { "\($0)" } ?? "")")
      #expect(tooLarge.allSatisfy { line, _ in line[place + 1].filter(\.isNumber).count > 30 })
    }
  }
}
