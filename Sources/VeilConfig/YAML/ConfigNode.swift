/// One node of a pipeline file, with its place. A scalar keeps its text as written. The reader of an option decides
/// what it means (a number, true, null), so that `no` stays Norway and `1.10` stays `1.10`.
public final class ConfigNode: Sendable {
  public typealias Entry = (key: ConfigNode, value: ConfigNode)

  public enum Kind: Sendable {
    /// A scalar; `quoted` is true for '…', "…" and the block forms `|` and `>`.
    case scalar(text: String, quoted: Bool)
    case sequence([ConfigNode])
    /// A mapping in the order of the file; its keys are scalars, each once.
    case mapping([Entry])
  }

  public let kind: Kind
  /// The beginning of the node. A block mapping begins at its first key.
  public let mark: Mark
  /// The place directly after the node.
  public let end: Mark

  public init(kind: Kind, mark: Mark, end: Mark) {
    self.kind = kind
    self.mark = mark
    self.end = end
  }

  /// The text of a scalar, quoted or not; nil for lists and mappings.
  public var text: String? {
    if case .scalar(let text, _) = kind { text } else { nil }
  }

  public var isQuoted: Bool {
    if case .scalar(_, let quoted) = kind { quoted } else { false }
  }

  public var items: [ConfigNode]? {
    if case .sequence(let items) = kind { items } else { nil }
  }

  public var entries: [Entry]? {
    if case .mapping(let entries) = kind { entries } else { nil }
  }

  /// The value of `key` in a mapping.
  public subscript(key: String) -> ConfigNode? {
    entry(key)?.value
  }

  func entry(_ key: String) -> Entry? {
    entries?.first { $0.key.text == key }
  }

  /// The text of a scalar, unless it is quoted.
  private var unquoted: String? {
    if case .scalar(let text, false) = kind { text } else { nil }
  }

  /// Whether this is `null` or `~` without quotes, or nothing at all.
  public var isNull: Bool {
    unquoted.map { $0.isEmpty || $0 == "~" || $0 == "null" } ?? false
  }

  /// The value of an unquoted `true` or `false`; YAML 1.1's `yes`, `on` and the like are text.
  public var bool: Bool? {
    switch unquoted {
    case "true": true
    case "false": false
    default: nil
    }
  }

  /// An unquoted decimal whole number that fits `Int`.
  public var int: Int? {
    number?.integer
  }

  /// An unquoted, finite decimal number.
  public var double: Double? {
    number?.value
  }

  /// An unquoted, finite decimal number with its written text.
  public var number: ConfigNumber? {
    unquoted.flatMap { ConfigNumber($0) }
  }

  /// The kind of this node for messages: "a list", "a mapping", "nothing", "text", …
  public var summary: String {
    switch kind {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(_, let quoted):
      if isNull {
        "nothing"
      } else if quoted {
        "quoted text"
      } else if bool != nil {
        "\(text ?? "")"
      } else if number != nil {
        "a number"
      } else {
        "text"
      }
    }
  }
}
