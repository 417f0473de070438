import VeilConfig
import VeilGround

/// The parts of an object or list that its digest leaves out, as a tree of the steps to them.
struct HiddenMembers: Sendable {
  private(set) var parts: [PathStep: HiddenMembers] = [:]
  private(set) var isHidden = false

  mutating func add(_ steps: ArraySlice<PathStep>) {
    guard let first = steps.first else {
      isHidden = true
      return
    }
    parts[first, default: HiddenMembers()].add(steps.dropFirst())
  }
}

/// The digest of an object or list in the text of a published record, where equal ones have equal texts.
///
/// It expects valid JSON, as a decoder has checked it.
struct WholeText {
  /// Never 0.
  private(set) var hash: UInt64 = 0
  /// The number of elements; nil for an object.
  private(set) var length: Int?
  private var at = 0
  /// The start of the bytes that are not yet in the hash.
  private var start = 0

  init(_ text: Span<UInt8>, hiding hidden: HiddenMembers) {
    length = value(text, hidden, isOutermost: true)
    add(text, upTo: text.count)
    if hash == 0 { hash = 1 << 63 }
  }

  private mutating func add(_ text: Span<UInt8>, upTo end: Int) {
    let part = text.extracting(start..<max(start, end))
    let own = unsafe part.withUnsafeBytes { unsafe FieldCensus.hash($0) }
    hash = hash == 0 ? own : ValueHash.mixed(hash ^ own)
  }

  private mutating func skipSpace(_ text: Span<UInt8>) {
    while at < text.count, text[at] <= 0x20 || text[at] == 0x2C || text[at] == 0x3A { at += 1 }
  }

  /// Reads a value, and returns how many elements it has if it is an array.
  @discardableResult
  private mutating func value(_ text: Span<UInt8>, _ hidden: HiddenMembers?, isOutermost: Bool = false) -> Int? {
    skipSpace(text)
    guard at < text.count else { return nil }
    let first = text[at]
    if hidden?.isHidden == true {
      add(text, upTo: at)
      skip(text)
      start = at
      return nil
    }
    guard first == 0x7B || first == 0x5B, isOutermost || hidden?.parts.isEmpty == false else {
      skip(text)
      return nil
    }
    at += 1
    var count = 0
    while true {
      skipSpace(text)
      guard at < text.count, text[at] != first + 2 else { break }
      var step = PathStep.elements
      if first == 0x7B {
        let nameStart = at + 1
        skip(text)
        if hidden?.parts.isEmpty == false { step = .key(Self.name(text.extracting(nameStart..<at - 1))) }
      }
      value(text, hidden?.parts[step])
      count += 1
    }
    at += 1
    return first == 0x5B ? count : nil
  }

  private static func name(_ text: Span<UInt8>) -> String {
    let bytes = text.indices.map { text[$0] }
    if bytes.contains(0x5C), case .text(let name)? = JSONReader.read([0x22] + bytes + [0x22]) { return name }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Skips a string, a number, a word, or an object or array with all that is in it.
  private mutating func skip(_ text: Span<UInt8>) {
    var depth = 0
    while at < text.count {
      let byte = text[at]
      switch byte {
      case 0x22:
        at += 1
        while at < text.count, text[at] != 0x22 { at += text[at] == 0x5C ? 2 : 1 }
        at += 1
      case 0x7B, 0x5B:
        depth += 1
        at += 1
      case 0x7D, 0x5D:
        depth -= 1
        at += 1
      case 0x2C, 0x3A, 0x00...0x20: at += 1
      default:
        while at < text.count, !Self.ends(text[at]) { at += 1 }
      }
      if depth <= 0, byte > 0x20, byte != 0x2C, byte != 0x3A { return }
    }
  }

  private static func ends(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x2C || byte == 0x5D || byte == 0x7D
  }
}
