/// Implements name/v1. Frozen: every letter is in lower case (Unicode's full mapping), the text is in Normalization
/// Form C, white space is removed from both ends, and each run of white space inside becomes one space. There must be a
/// letter. Order, accents, hyphens, apostrophes and titles stay.
///
/// `  ANNA-Lena   Müller ` becomes `anna-lena müller`; `123` and `-` have no form.
enum NameForm {
  static func append(_ value: Span<UInt8>, to out: inout ByteBuffer, scratch: inout ByteBuffer) -> Bool {
    let core = Trim.core(of: value)
    scratch.removeAll()
    var hasLetter = false
    var index = core.lowerBound
    var wasSpace = false
    while index < core.upperBound {
      let width = value.scalarWidth(at: index)
      let scalar = value.scalar(at: index, width: width)
      let isSpace = Trim.isSpace(scalar)
      if !isSpace {
        hasLetter = hasLetter || scalar.properties.isAlphabetic
        scratch.append(scalar: scalar)
      } else if !wasSpace {
        scratch.append(" ")
      }
      wasSpace = isSpace
      index += width
    }
    guard hasLetter else { return false }
    let start = out.count
    scratch.withBytes(from: 0) { Lowercase.append($0, to: &out) }
    if out.withBytes(from: start, NFC.isSurelyNormalized) { return true }
    scratch.removeAll()
    out.withBytes(from: start) { scratch.append($0) }
    out.truncate(to: start)
    scratch.withBytes(from: 0) { NFC.append($0, to: &out) }
    return true
  }
}
