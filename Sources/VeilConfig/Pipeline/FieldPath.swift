/// One step of the path from a record to a field.
public enum PathStep: Sendable, Hashable {
  case key(String)
  /// A step to every element of an array.
  case elements

  // Names are compared by bytes: two names that only look the same (é composed or not) are different names in the data.
  public static func == (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.key(let x), .key(let y)): x.utf8.elementsEqual(y.utf8)
    case (.elements, .elements): true
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .key(let name):
      for byte in name.utf8 { hasher.combine(byte) }
      hasher.combine(0xFF as UInt8)
    case .elements: hasher.combine(0xFE as UInt8)
    }
  }
}

public struct FieldPathError: Error, Sendable, Hashable {
  public var message: String
  public var help: String?
}

/// The path of a field in a record: `email`, `address.city`, `items[].sku`. A name is written in single quotes if it
/// holds `.`, `[` or `]`, begins with `'` or is empty, with `''` for a quote in it: `'odd.key'`.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
  /// The steps, at least one; the first is a key.
  public let steps: [PathStep]

  public init(_ text: String) throws(FieldPathError) {
    var rest = Substring(text).unicodeScalars
    var steps: [PathStep] = []
    while true {
      steps.append(.key(try Self.key(&rest)))
      while rest.first == "[" {
        guard rest.starts(with: "[]".unicodeScalars) else {
          throw FieldPathError(
            message: "only '[]', every element, can follow a name in brackets",
            help: "a name that holds brackets goes in single quotes")
        }
        rest.removeFirst(2)
        steps.append(.elements)
      }
      guard let next = rest.popFirst() else { break }
      guard next == "." else {
        throw FieldPathError(message: "expected '.', '[]' or the end, found \(VeilConfig.quote(String(next)))")
      }
    }
    self.steps = steps
  }

  /// Makes the path of a field in a flat record, whatever characters its name has.
  public init(key: String) {
    steps = [.key(key)]
  }

  private init(steps: [PathStep]) { self.steps = steps }

  /// Returns the path of what is around this field, of its first steps, at least one.
  public func beginning(_ count: Int) -> FieldPath { FieldPath(steps: Array(steps.prefix(max(1, count)))) }

  /// The name, if the path is a single key.
  public var singleKey: String? {
    if steps.count == 1, case .key(let name) = steps[0] { name } else { nil }
  }

  /// The path as text; reading the text gives the same path.
  public var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .key(let name):
        if !text.isEmpty { text += "." }
        text += Self.needsQuotes(name) ? "'" + Self.doubled(name) + "'" : name
      case .elements: text += "[]"
      }
    }
    return text
  }

  private static func key(_ rest: inout Substring.UnicodeScalarView) throws(FieldPathError) -> String {
    var name = String.UnicodeScalarView()
    guard rest.first == "'" else {
      while let next = rest.first, next != ".", next != "[" {
        guard next != "]" else {
          throw FieldPathError(message: "']' without '['", help: "a name that holds brackets goes in single quotes")
        }
        name.append(next)
        rest.removeFirst()
      }
      guard !name.isEmpty else { throw FieldPathError(message: "a name is missing") }
      guard !isWildcard(name) else {
        throw FieldPathError(
          message: "\(VeilConfig.quote(String(name))) stands for no other names: each rule names one field",
          help: "write a rule for each field; a field that is called so goes in single quotes")
      }
      return String(name)
    }
    rest.removeFirst()
    while let next = rest.popFirst() {
      if next != "'" {
        name.append(next)
      } else if rest.first == "'" {
        name.append(next)
        rest.removeFirst()
      } else {
        return String(name)
      }
    }
    throw FieldPathError(message: "the quote that begins the name is not closed")
  }

  /// Returns whether a name is stars alone, which a reader would take to stand for other names.
  private static func isWildcard(_ name: String.UnicodeScalarView) -> Bool { name.allSatisfy { $0 == "*" } }

  private static func needsQuotes(_ name: String) -> Bool {
    isWildcard(name.unicodeScalars) || name.unicodeScalars.first == "'"
      || name.unicodeScalars.contains { ".[]".unicodeScalars.contains($0) }
  }

  private static func doubled(_ name: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      if scalar == "'" { result.append(scalar) }
      result.append(scalar)
    }
    return String(result)
  }
}
