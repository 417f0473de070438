/// Implements email/v1. Frozen: white space is removed from both ends, the text is in Normalization Form C, and the
/// letters A to Z are in lower case on both sides of the @. (Mail providers ignore their case, although the standard
/// lets a provider distinguish it.)
///
/// ` User@Example.COM ` becomes `user@example.com`; `user`, `a@b@c`, `a b@c`, `@c` and `Ann <a@b>` have no form. With
/// provider rules `a.b+news@googlemail.com` becomes `ab@gmail.com`.
enum EmailForm {
  static func append(
    _ value: Span<UInt8>, byProvider: Bool, to out: inout ByteBuffer, scratch: inout ByteBuffer
  ) -> Bool {
    let core = Trim.core(of: value)
    let start = out.count
    NFC.append(value.extracting(core), to: &out)
    var at: Int?
    for index in start..<out.count {
      let byte = out[index]
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): out[index] = byte | 0x20
      case UInt8(ascii: "@"):
        if at != nil { return false }
        at = index
      case 0...0x20, 0x7F, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"),
        UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "\\"),
        UInt8(ascii: "["), UInt8(ascii: "]"):
        return false
      default: break
      }
    }
    guard let at, at > start, at + 1 < out.count, out[at + 1] != UInt8(ascii: "."),
      out[out.count - 1] != UInt8(ascii: "."), !out.withBytes(from: start, hasSpace)
    else { return false }
    return byProvider ? applyProviderRules(&out, start: start, at: at, scratch: &scratch) : true
  }

  /// Appends a value whose form `form` is where it is not its own: `J` and a caron are two characters and `j` with one is
  /// not, so that the small letter of the form has been a large one.
  static func appendSource(of form: Span<UInt8>, to out: inout ByteBuffer) {
    var index = 0
    while index < form.count {
      var end = index + 1
      // A letter with all that may combine with it.
      while end < form.count, form[end] >= 0x80 { end += 1 }
      let start = out.count
      let part = form.extracting(index..<end)
      NFC.append(part, to: &out)
      if !out.withBytes(from: start, { $0.isEqual(to: part) }) {
        out.truncate(to: start)
        out.append(form[index] &- UInt8(ascii: "a") < 26 ? form[index] & 0xDF : form[index])
        out.append(form.extracting((index + 1)..<end))
      }
      index = end
    }
  }

  /// Returns whether there is white space other than that of ASCII.
  private static func hasSpace(_ value: Span<UInt8>) -> Bool {
    var index = 0
    while index < value.count {
      let width = value.scalarWidth(at: index)
      if width > 1, Trim.isSpace(value.scalar(at: index, width: width)) { return true }
      index += width
    }
    return false
  }

  private static func applyProviderRules(
    _ out: inout ByteBuffer, start: Int, at: Int, scratch: inout ByteBuffer
  ) -> Bool {
    let isGoogle = out.withBytes(from: at + 1) { domain in
      domain.isEqual(to: "gmail.com") || domain.isEqual(to: "googlemail.com")
    }
    guard isGoogle else { return true }
    scratch.removeAll()
    for index in start..<at {
      let byte = out[index]
      if byte == UInt8(ascii: "+") { break }
      if byte != UInt8(ascii: ".") { scratch.append(byte) }
    }
    if scratch.isEmpty { return false }
    out.truncate(to: start)
    scratch.withBytes(from: 0) { out.append($0) }
    out.append("@gmail.com")
    return true
  }
}

extension Span where Element == UInt8 {
  func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for index in indices where unsafe self[index] != text.utf8Start[index] { return false }
    return true
  }
}
