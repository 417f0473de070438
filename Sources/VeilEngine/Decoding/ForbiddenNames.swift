import VeilConfig
import VeilGround

/// The names that policies forbid to leave, wherever they stand: `iban` is also `customer.iban`, `accounts[].iban` and a
/// member of an object that leaves whole. A forbidden path is found behind any other names in the same way.
struct ForbiddenNames: Sendable {
  /// The words of each forbidden path.
  private var rules: [[String]] = []

  init(_ policies: [PolicyConfig]) {
    rules = policies.flatMap(\.fields).filter(\.isForbidden).map { Self.words($0.path) }
  }

  var isEmpty: Bool { rules.isEmpty }

  /// The words of a path, without the differences that people overlook. A CSV header writes a path as one name.
  static func words(_ path: FieldPath) -> [String] {
    path.steps.flatMap { step -> [String] in
      guard case .key(let name) = step else { return [] }
      return words(name)
    }
  }

  private static func words(_ name: String) -> [String] {
    name.lowercased().split(separator: ".", omittingEmptySubsequences: true).map { word in
      var word = word
      while word.hasSuffix("[]") { word.removeLast(2) }
      return String(word)
    }
  }

  /// Returns whether a path has the words of `rule` next to each other.
  static func holds(_ path: [String], _ rule: [String]) -> Bool {
    guard !rule.isEmpty, path.count >= rule.count else { return false }
    return (0...path.count - rule.count).contains { path[$0..<$0 + rule.count].elementsEqual(rule) }
  }

  /// Returns the forbidden path that a name in a header, or a path as pipelines write it, is or holds.
  func rule(over name: String) -> String? {
    let words = Self.words(name.replacing("'", with: ""))
    return rules.first { Self.holds(words, $0) }?.joined(separator: ".")
  }

  /// Returns what is wrong with names in a header that no rule names, if such fields are kept.
  func problems(_ names: [String], _ unlisted: Unlisted) -> [String] {
    guard unlisted == .keep, !isEmpty else { return [] }
    return names.filter { rule(over: $0) != nil }.map {
      "a policy forbids that '\(ShownName.text($0))' leaves, and 'unlisted: keep' would let it: drop it under 'fields'"
    }
  }

  /// Returns whether a forbidden path is among the members of a well-formed object or array, whose own path is `path`.
  func isNamed(in text: [UInt8], below path: String) -> Bool {
    var search = Search(rules: rules, text: text, at: 0, path: Self.words(path.replacing("'", with: "")))
    return search.value()
  }

  /// Goes through a text along its strings and brackets.
  private struct Search {
    let rules: [[String]]
    let text: [UInt8]
    var at: Int
    var path: [String]

    private mutating func space() {
      while at < text.count, JSONText.isSpace(text[at]) { at += 1 }
    }

    /// Takes the value at `at`. Returns true as soon as a forbidden path is found.
    mutating func value() -> Bool {
      space()
      guard at < text.count else { return false }
      switch text[at] {
      case 0x22: _ = string()
      case 0x7B, 0x5B: return members(isObject: text[at] == 0x7B)
      default:
        while at < text.count, ![0x2C, 0x5D, 0x7D].contains(text[at]), !JSONText.isSpace(text[at]) { at += 1 }
      }
      return false
    }

    private mutating func members(isObject: Bool) -> Bool {
      at += 1
      space()
      while at < text.count, text[at] != 0x7D, text[at] != 0x5D {
        let depth = path.count
        if isObject {
          path += ForbiddenNames.words(string())
          if rules.contains(where: { ForbiddenNames.holds(path, $0) }) { return true }
          space()
          at += 1
        }
        if value() { return true }
        path.removeLast(path.count - depth)
        space()
        if at < text.count, text[at] == 0x2C { at += 1 }
        space()
      }
      at += 1
      return false
    }

    /// Takes a string and returns what it means.
    private mutating func string() -> String {
      let start = at + 1
      at = start
      while at < text.count, text[at] != 0x22 { at += text[at] == 0x5C ? 2 : 1 }
      let end = min(at, text.count)
      at = end + 1
      var meaning = ByteBuffer()
      let content = Array(text[start..<end])
      // Sound: the buffer is as long as the count says.
      unsafe content.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress else { return }
        unsafe JSONText.unescape(base, count: bytes.count, into: &meaning)
      }
      return String(decoding: (0..<meaning.count).map { meaning[$0] }, as: UTF8.self)
    }
  }
}
