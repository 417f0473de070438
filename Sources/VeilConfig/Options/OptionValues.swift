// The getters for each type. Each reports a value of the wrong type at its place, and an empty one (`key:`) as having
// no value: a key that somebody forgot to fill must not silently mean the default.
extension OptionReader {
  // MARK: Text

  /// Returns the text of any scalar, including numbers and `true`.
  public func string(_ key: String) -> String? {
    guard let node = value(key) else { return nil }
    guard let text = node.text else {
      wrongType(key, expected: "text", at: node)
      return nil
    }
    return text
  }

  public func string(_ key: String, default fallback: String) -> String {
    string(key) ?? fallback
  }

  /// Returns text of at least one character; reports it if it is missing.
  public func requiredString(_ key: String, help: String? = nil) -> String? {
    guard require(key, help: help), let text = string(key) else { return nil }
    guard !text.isEmpty else {
      error(key, "\(quote(key)) must not be empty")
      return nil
    }
    return text
  }

  /// Returns a list of scalars; a single scalar counts as a list of one.
  public func strings(_ key: String) -> [String]? {
    guard let node = value(key) else { return nil }
    if let text = node.text { return [text] }
    guard let items = node.items else {
      wrongType(key, expected: "a list of texts", at: node)
      return nil
    }
    var texts: [String] = []
    var sound = true
    for item in items {
      if let text = item.text, !item.isNull {
        texts.append(text)
      } else {
        sound = false
        let help = item.isNull ? "write \"\" for empty text, or \"null\" for that word" : nil
        diagnostics.error(at: item, "\(quote(key)) takes a list of texts, and this one is \(item.summary)", help: help)
      }
    }
    return sound ? texts : nil
  }

  public func strings(_ key: String, default fallback: [String]) -> [String] {
    strings(key) ?? fallback
  }

  // MARK: Numbers

  public func int(_ key: String, range: ClosedRange<Int> = .min ... .max) -> Int? {
    guard let node = value(key) else { return nil }
    guard let number = node.int else {
      let help = node.isQuoted && ConfigNumber(node.text ?? "") != nil ? "write it without quotes" : nil
      wrongType(key, expected: "a whole number", at: node, help: help)
      return nil
    }
    guard range.contains(number) else {
      error(key, "\(quote(key)) must be \(Self.phrase(range))")
      return nil
    }
    return number
  }

  public func int(_ key: String, range: ClosedRange<Int> = .min ... .max, default fallback: Int) -> Int {
    int(key, range: range) ?? fallback
  }

  public func requiredInt(_ key: String, range: ClosedRange<Int> = .min ... .max, help: String? = nil) -> Int? {
    require(key, help: help) ? int(key, range: range) : nil
  }

  /// Returns a finite number with its text; see `ConfigNumber`.
  public func number(
    _ key: String, range: ClosedRange<Double> = -Double.infinity ... .infinity
  ) -> ConfigNumber? {
    guard let node = value(key) else { return nil }
    guard let number = node.number else {
      let help = node.isQuoted && ConfigNumber(node.text ?? "") != nil ? "write it without quotes" : nil
      wrongType(key, expected: "a number", at: node, help: help)
      return nil
    }
    guard range.contains(number.value) else {
      error(key, "\(quote(key)) must be \(Self.phrase(range))")
      return nil
    }
    return number
  }

  public func double(_ key: String, range: ClosedRange<Double> = -Double.infinity ... .infinity) -> Double? {
    number(key, range: range)?.value
  }

  public func double(
    _ key: String, range: ClosedRange<Double> = -Double.infinity ... .infinity, default fallback: Double
  ) -> Double {
    double(key, range: range) ?? fallback
  }

  public func requiredDouble(
    _ key: String, range: ClosedRange<Double> = -Double.infinity ... .infinity, help: String? = nil
  ) -> Double? {
    require(key, help: help) ? double(key, range: range) : nil
  }

  // MARK: True or false, one of several

  public func bool(_ key: String) -> Bool? {
    guard let node = value(key) else { return nil }
    guard let flag = node.bool else {
      wrongType(key, expected: "true or false", at: node, help: node.isQuoted ? "write it without quotes" : nil)
      return nil
    }
    return flag
  }

  public func bool(_ key: String, default fallback: Bool) -> Bool {
    bool(key) ?? fallback
  }

  /// Returns one of `words`; any other word is reported with the nearest of them.
  public func choice(_ key: String, of words: [String]) -> String? {
    guard let node = value(key) else { return nil }
    guard let text = node.text else {
      wrongType(key, expected: "one of \(words.joined(separator: ", "))", at: node)
      return nil
    }
    guard words.contains(text) else {
      error(
        key, "\(quote(key)) must be one of \(words.joined(separator: ", ")), not \(quote(text))",
        suggest: Diagnostics.nearest(text, in: words))
      return nil
    }
    return text
  }

  public func choice(_ key: String, of words: [String], default fallback: String) -> String {
    choice(key, of: words) ?? fallback
  }

  /// Returns the case of an enumeration whose raw values are words.
  public func choice<Choice>(_ key: String, of type: Choice.Type) -> Choice?
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    choice(key, of: Choice.allCases.map(\.rawValue)).flatMap { Choice(rawValue: $0) }
  }

  // MARK: Shared

  /// Returns the value if there is one that is not null; reports null.
  private func value(_ key: String) -> ConfigNode? {
    guard let node = node(key) else { return nil }
    guard !node.isNull else {
      error(key, "\(quote(key)) has no value", help: "give it one, or leave the line out")
      return nil
    }
    return node
  }

  private func wrongType(_ key: String, expected: String, at node: ConfigNode, help: String? = nil) {
    error(key, "\(quote(key)) must be \(expected), not \(node.summary)", help: help)
  }

  private static func phrase(_ range: ClosedRange<Int>) -> String {
    if range.upperBound == .max { return "\(range.lowerBound) or more" }
    if range.lowerBound == .min { return "\(range.upperBound) or less" }
    return "between \(range.lowerBound) and \(range.upperBound)"
  }

  private static func phrase(_ range: ClosedRange<Double>) -> String {
    func short(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? String(value) }
    if range.upperBound == .infinity { return "\(short(range.lowerBound)) or more" }
    if range.lowerBound == -.infinity { return "\(short(range.upperBound)) or less" }
    return "between \(short(range.lowerBound)) and \(short(range.upperBound))"
  }
}
