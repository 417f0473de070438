import VeilGround

/// Looks into JSON objects and arrays that leave whole. Belongs to one field and one thread at a time.
///
/// A member is a field that no rule names, so its name says what a field's name says. A name may also be a value itself,
/// where an object maps people to something.
final class CompositeText {
  /// The field's own name, as `FieldNameGuess` reads it.
  private let field: String
  /// Whether a member is called like what names a person, by the hash of the names on the way to it.
  private var known: [UInt64: Bool] = [:]
  private static let mostKnown = 1 << 12
  /// The names on the way to the value that is being read; nil for an array.
  private var path: [(name: [UInt8], hash: UInt64)?] = []
  private var scratch = ByteBuffer()

  init(field: String) { self.field = field }

  /// Returns the signs of all strings, numbers and names of members in valid JSON, and whether a member that has a value is
  /// called like what names a person.
  func signs(in text: Span<UInt8>) -> IdentifierSigns {
    var signs = IdentifierSigns()
    path.removeAll(keepingCapacity: true)
    var name: (name: [UInt8], hash: UInt64)?
    var at = 0
    while at < text.count {
      let byte = text[at]
      switch byte {
      case 0x7B, 0x5B:
        path.append(name)
        name = nil
        at += 1
      case 0x7D, 0x5D:
        _ = path.popLast()
        name = nil
        at += 1
      case 0x22:
        let start = at + 1
        at = start
        while at < text.count, text[at] != 0x22 { at += text[at] == 0x5C ? 2 : 1 }
        let content = meaning(of: text, start..<min(at, text.count))
        at += 1
        var next = at
        while next < text.count, text[next] <= 0x20 { next += 1 }
        if !content.isEmpty { signs.formUnion(IdentifierSigns.of(content.span)) }
        if next < text.count, text[next] == 0x3A {
          name = (content, hash(of: content))
          at = next + 1
        } else if !content.isEmpty, isNamedLikePerson(name) {
          signs.insert(.namedMember)
        }
      case 0x2D, 0x30...0x39:
        let start = at
        while at < text.count, text[at] != 0x2C, text[at] != 0x5D, text[at] != 0x7D, text[at] > 0x20 { at += 1 }
        signs.formUnion(IdentifierSigns.of(text.extracting(start..<at)))
        if isNamedLikePerson(name) { signs.insert(.namedMember) }
      default:
        at += 1
      }
    }
    return signs
  }

  /// Returns what a string's content means.
  ///
  /// Sound: `scratch` has the content's bytes, and the reads stay below their number.
  private func meaning(of text: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for at in range { bytes.append(text[at]) }
    guard bytes.contains(0x5C) else { return bytes }
    scratch.removeAll()
    unsafe bytes.withUnsafeBufferPointer { bytes in
      if let start = bytes.baseAddress { unsafe JSONText.unescape(start, count: bytes.count, into: &scratch) }
    }
    return (0..<scratch.count).map { scratch[$0] }
  }

  private func hash(of name: [UInt8]) -> UInt64 {
    let above = path.lazy.compactMap { $0?.hash }.last ?? 0
    return unsafe name.withUnsafeBytes { unsafe ValueHash.hash($0, seed: above) }
  }

  /// Returns whether the value here, an element of its array included, is a field that is called like what names a person.
  private func isNamedLikePerson(_ name: (name: [UInt8], hash: UInt64)?) -> Bool {
    guard let hash = name?.hash ?? path.lazy.compactMap({ $0?.hash }).last else { return false }
    if let found = known[hash] { return found }
    let names = path.compactMap { $0?.name } + (name.map { [$0.name] } ?? [])
    let full = ([field] + names.map { String(decoding: $0, as: UTF8.self).replacing(".", with: " ") })
      .joined(separator: ".")
    let found = FieldNameGuess.namesPerson(full)
    // Names that are values may be any number; then each is looked at anew.
    if known.count < Self.mostKnown { known[hash] = found }
    return found
  }
}
