/// A path with placeholders that are filled in when a run begins: `{date}`, `{name}`, `{run}` and `{stem}`.
///
/// Their values never come from a record: they are the day from which the run counts, the pipeline's name, the run's
/// id, and the input file's name without its endings.
public struct PathTemplate: Sendable {
  public enum Placeholder: String, Sendable, CaseIterable {
    case date, name, run, stem
  }

  /// The values of the placeholders in one run.
  public struct Values: Sendable {
    public var date: String
    public var name: String
    public var run: String
    /// The stem; nil if an export has several inputs.
    public var stem: String?

    public init(date: String, name: String, run: String, stem: String? = nil) {
      (self.date, self.name, self.run, self.stem) = (date, name, run, stem)
    }
  }

  private enum Part: Sendable {
    case text(String)
    case place(Placeholder)
  }

  public let text: String
  private let parts: [Part]
  /// Words in braces that are no placeholders; a path with such a word is refused.
  public let unknown: [String]

  public init(_ text: String) {
    self.text = text
    var parts: [Part] = []
    var unknown: [String] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      let word = rest[rest.index(after: open)...].prefix { $0.isASCII && $0.isLetter }
      guard !word.isEmpty, word.endIndex < rest.endIndex, rest[word.endIndex] == "}" else {
        parts.append(.text(String(rest[...open])))
        rest = rest[rest.index(after: open)...]
        continue
      }
      parts.append(.text(String(rest[..<open])))
      if let place = Placeholder(rawValue: String(word)) {
        parts.append(.place(place))
      } else {
        unknown.append(String(word))
      }
      rest = rest[rest.index(after: word.endIndex)...]
    }
    parts.append(.text(String(rest)))
    self.parts = parts
    self.unknown = unknown
  }

  public var placeholders: Set<Placeholder> {
    Set(parts.compactMap { if case .place(let place) = $0 { place } else { nil } })
  }

  public func filled(_ values: Values) -> String {
    var out = ""
    for part in parts {
      switch part {
      case .text(let text): out += text
      case .place(.date): out += values.date
      case .place(.name): out += values.name
      case .place(.run): out += values.run
      case .place(.stem): out += values.stem ?? ""
      }
    }
    return out
  }
}
