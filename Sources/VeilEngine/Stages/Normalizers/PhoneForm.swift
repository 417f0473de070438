/// Implements phone/v1. Frozen: E.164, a + and 7 to 15 digits, the first of which is not 0.
///
/// Spaces, hyphens and dashes, dots, slashes and parentheses are removed, and so is `(0)` after a country code. A
/// number that begins with + or the region's international prefix (without a region, 00) is international. Otherwise
/// the region's trunk prefix is removed and its country code is put in front; without a region there is no form. A
/// trunk 0 is also removed after a country code whose numbers have none. North American numbers have ten digits after
/// the 1.
///
/// In DE, `030 1234567`, `+49 (0)30 123 45 67` and `0049-30-1234567` become `+49301234567`; `12345`, `030 CALL`, `030
/// 12 ext. 3` have no form. It is not checked that a number exists.
enum PhoneForm {
  static func append(_ value: Span<UInt8>, region: PhoneRegion?, to out: inout ByteBuffer) -> Bool {
    let core = Trim.core(of: value)
    var digits = InlineArray<24, UInt8>(repeating: 0)
    var count = 0
    var hasPlus = false
    var index = core.lowerBound
    while index < core.upperBound {
      let byte = value[index]
      let width = value.scalarWidth(at: index)
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard count < 24 else { return false }
        digits[count] = byte - UInt8(ascii: "0")
        count += 1
      case UInt8(ascii: "+"):
        if count > 0 || hasPlus { return false }
        hasPlus = true
      case UInt8(ascii: "(") where count > 0 && isTrunkZero(value, at: index, end: core.upperBound):
        // Only after a country code is this a digit that nobody dials.
        if hasPlus || Self.begins(digits, count, with: region?.international ?? [0, 0]) { index += 2 }
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "/"): break
      default:
        let scalar = value.scalar(at: index, width: width)
        guard Trim.isSpace(scalar) || 0x2010...0x2015 ~= scalar.value else { return false }
      }
      index += width
    }
    return finish(digits, count: count, hasPlus: hasPlus, region: region, to: &out)
  }

  /// Appends a value whose form `form` is where it is not its own: of zeros behind a country code one goes.
  static func appendSource(of form: Span<UInt8>, to out: inout ByteBuffer) {
    out.append(form)
    guard form.count > 1 else { return }
    let digits = (1..<form.count).map { form[$0] &- UInt8(ascii: "0") }
    guard let region = PhoneRegion.all.first(where: { digits.starts(with: $0.code) }) else { return }
    let front = 1 + region.code.count
    out.truncate(to: front)
    out.append("0")
    out.append(form.extracting(front..<form.count))
  }

  private static func isTrunkZero(_ value: Span<UInt8>, at index: Int, end: Int) -> Bool {
    index + 2 < end && value[index + 1] == UInt8(ascii: "0") && value[index + 2] == UInt8(ascii: ")")
  }

  private static func begins(
    _ digits: InlineArray<24, UInt8>, _ count: Int, with prefix: [UInt8], at start: Int = 0
  ) -> Bool {
    guard start + prefix.count <= count else { return false }
    for (offset, digit) in prefix.enumerated() where digits[start + offset] != digit { return false }
    return true
  }

  private static func finish(
    _ digits: InlineArray<24, UInt8>, count: Int, hasPlus: Bool, region: PhoneRegion?, to out: inout ByteBuffer
  ) -> Bool {
    func begins(_ prefix: [UInt8], at start: Int = 0) -> Bool { Self.begins(digits, count, with: prefix, at: start) }
    var start = 0
    var code: [UInt8] = []
    let international = region?.international ?? [0, 0]
    if hasPlus || begins(international) {
      start = hasPlus ? 0 : international.count
      // If two regions share a code, they agree on what follows it.
      if let known = PhoneRegion.all.first(where: { begins($0.code, at: start) }) {
        code = known.code
        start += code.count
        if known.trunk == [0], begins([0], at: start) { start += 1 }
      }
    } else {
      guard let region else { return false }
      code = region.code
      if !region.trunk.isEmpty, begins(region.trunk) { start = region.trunk.count }
    }
    let total = code.count + count - start
    guard 7...15 ~= total, count > start, code.first ?? digits[start] != 0 else { return false }
    if code == [1], total != 11 { return false }
    out.append("+")
    for digit in code { out.append(UInt8(ascii: "0") + digit) }
    for index in start..<count { out.append(UInt8(ascii: "0") + digits[index]) }
    return true
  }
}

/// The way one country writes its phone numbers.
struct PhoneRegion: Sendable {
  let name: String
  /// The country code (ITU-T E.164).
  let code: [UInt8]
  /// The prefix of a number within the country, which is left out in calls from abroad; empty if there is none.
  let trunk: [UInt8]
  /// The digits that are dialled in place of the +.
  let international: [UInt8]

  init?(named name: String) {
    guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  static var names: [String] { all.map(\.name) }

  static let all: [PhoneRegion] = table.split(separator: "\n").map { PhoneRegion(line: $0) }

  private init(line: Substring) {
    let words = line.split(separator: " ")
    func digits(_ word: Substring) -> [UInt8] { word == "-" ? [] : word.utf8.map { $0 - UInt8(ascii: "0") } }
    name = String(words[0])
    code = digits(words[1])
    trunk = digits(words[2])
    international = digits(words[3])
  }

  /// Region, country code, trunk prefix, international prefix.
  private static let table = """
    AT 43 0 00
    AU 61 0 0011
    BE 32 0 00
    BG 359 0 00
    CA 1 1 011
    CH 41 0 00
    CN 86 0 00
    CY 357 - 00
    CZ 420 - 00
    DE 49 0 00
    DK 45 - 00
    EE 372 - 00
    ES 34 - 00
    FI 358 0 00
    FR 33 0 00
    GB 44 0 00
    GR 30 - 00
    HR 385 0 00
    HU 36 06 00
    IE 353 0 00
    IL 972 0 00
    IN 91 0 00
    IS 354 - 00
    IT 39 - 00
    JP 81 0 010
    LI 423 - 00
    LT 370 0 00
    LU 352 - 00
    LV 371 - 00
    MT 356 - 00
    MX 52 - 00
    NL 31 0 00
    NO 47 - 00
    NZ 64 0 00
    PL 48 - 00
    PT 351 - 00
    RO 40 0 00
    RS 381 0 00
    SE 46 0 00
    SI 386 0 00
    SK 421 0 00
    TR 90 0 00
    UA 380 0 00
    US 1 1 011
    ZA 27 0 00
    """
}
