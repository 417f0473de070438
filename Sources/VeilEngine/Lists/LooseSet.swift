import VeilConfig

/// A set of short texts that recognizes other spellings, too: it ignores upper and lower case, white space and control
/// characters at the ends, Unicode's different forms of one letter, and different forms of one number.
///
/// Use it only to exclude records. Whatever lets records leave must be compared byte by byte (`ValueSet`).
struct LooseSet: Sendable {
  private let ascii: [[UInt8]]
  private let others: [String]
  private let numbers: [Double]

  init(_ texts: [String]) {
    let folded = texts.map(Self.fold)
    ascii = folded.filter { $0.utf8.allSatisfy { $0 < 0x80 } }.map { Array($0.utf8) }
    others = folded.filter { !$0.utf8.allSatisfy { $0 < 0x80 } }
    numbers = folded.compactMap { ConfigNumber($0)?.value }
  }

  func contains(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    guard unsafe value.allSatisfy({ $0 < 0x80 }) else {
      let folded = unsafe Self.fold(String(decoding: value, as: UTF8.self))
      return others.contains(folded) || ascii.contains(Array(folded.utf8))
    }
    var (start, end) = (0, value.count)
    while start < end, unsafe Self.isBlank(value[start]) { start += 1 }
    while start < end, unsafe Self.isBlank(value[end - 1]) { end -= 1 }
    let text = unsafe UnsafeBufferPointer(rebasing: value[start..<end])
    if ascii.contains(where: { unsafe Self.isSame($0, text) }) { return true }
    guard !numbers.isEmpty, let first = unsafe text.first, first < 0x3A else { return false }
    guard let number = unsafe ConfigNumber(String(decoding: text, as: UTF8.self))?.value else { return false }
    return numbers.contains(number)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F }

  private static func isSame(_ known: [UInt8], _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard known.count == text.count else { return false }
    for index in known.indices {
      let byte = unsafe text[index]
      let small = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
      if small != known[index] { return false }
    }
    return true
  }

  /// Returns a form that is equal for all texts that count as the same. Swift compares strings by Unicode's canonical
  /// equivalence.
  private static func fold(_ text: String) -> String {
    func isEdge(_ scalar: Unicode.Scalar) -> Bool {
      if scalar.properties.isWhitespace { return true }
      // Control and format characters: NUL, the byte order mark, zero-width spaces.
      return scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
    }
    var scalars = Array(text.unicodeScalars.drop(while: isEdge))
    while let last = scalars.last, isEdge(last) { scalars.removeLast() }
    var inner = String.UnicodeScalarView()
    inner.append(contentsOf: scalars)
    return String(inner).lowercased()
  }
}
