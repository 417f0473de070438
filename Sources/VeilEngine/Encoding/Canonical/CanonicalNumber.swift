import VeilGround

/// Writes JSON numbers in one form, so that nobody is told by how a number was typed: `1`, `1.0`, `1.00` and `1e0` are
/// all `1`.
///
/// The form is that of `JSONForm`: a decimal without an exponent and without zeros that add nothing. It is found on
/// the digits, never on a binary fraction, so no digit is lost however long the number is.
enum CanonicalNumber {
  /// The longest exponent that is read. A longer one is no measure of anything, and two of them cannot be compared.
  private static let longestExponent = 9

  /// Why a record with a number that has no form is bad.
  static let tooLong = FailureReason("a number's exponent has more than nine digits")

  /// Appends the number. Returns false, and appends nothing, if its exponent is too long to have a form.
  ///
  /// Sound: reads only the `count` bytes at `bytes`, which hold a number of RFC 8259.
  static func append(_ bytes: UnsafePointer<UInt8>, count: Int, to out: inout ByteBuffer) -> Bool {
    if unsafe isCanonical(bytes, count) {
      unsafe out.append(bytes, count: count)
      return true
    }
    let text = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if let mark = text.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
      let digits = text[(mark + 1)...].drop { !(0x31...0x39 ~= $0) }
      if digits.count > longestExponent { return false }
    }
    guard let form = JSONForm.number(text[...]) else { return false }
    out.append(form.span)
    return true
  }

  /// Returns whether a number surely has its form already: it has no exponent, it is not negative zero, and its
  /// fraction, if there is one, does not end in 0.
  static func isCanonical(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var hasPoint = false
    for index in 0..<count {
      let byte = unsafe bytes[index]
      if byte == UInt8(ascii: ".") { hasPoint = true }
      if byte | 0x20 == UInt8(ascii: "e") { return false }
    }
    if hasPoint { return unsafe bytes[count - 1] != UInt8(ascii: "0") }
    return unsafe count > 1 ? !(bytes[0] == UInt8(ascii: "-") && bytes[1] == UInt8(ascii: "0")) : count == 1
  }
}
