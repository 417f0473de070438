/// A key ring's file: several keys of one purpose, one of which makes new tokens.
public struct KeyRingConfig: Sendable {
  public enum State: String, Sendable, CaseIterable {
    /// Makes new tokens; one key of a ring is active.
    case active
    /// Makes none, but those made under it can still be read and carried over.
    case accepted
    /// Serves nothing any more.
    case retired
  }

  public struct Entry: Sendable {
    /// 1 to 16 of a-z and 0-9, but not `s1` or `g1`, which say how a token was made: tokens may begin with it.
    public var id: String
    public var state: State
    /// Days as `YYYY-MM-DD`; nil where the file does not say.
    public var created: String?
    /// The last day on which it makes new tokens.
    public var notAfter: String?
    /// Paths are relative to the ring's folder.
    public var source: KeyConfig.Source

    public init(id: String, state: State, created: String?, notAfter: String?, source: KeyConfig.Source) {
      self.id = id
      self.state = state
      self.created = created
      self.notAfter = notAfter
      self.source = source
    }
  }

  /// In the file's order: the newest last.
  public var entries: [Entry]

  public init(entries: [Entry]) { self.entries = entries }

  public var active: Entry? { entries.first { $0.state == .active } }

  /// The file's text. Comments of an earlier one are not kept.
  public var text: String {
    var text = "# A Veil key ring. Change it with `veil key ring`; keys themselves never stand here.\n"
    text += "version: 1\nkeys:\n"
    for entry in entries {
      var parts = ["state: \(entry.state.rawValue)"]
      if let created = entry.created { parts.append("created: \(created)") }
      if let notAfter = entry.notAfter { parts.append("not_after: \(notAfter)") }
      parts.append(Self.text(of: entry.source))
      text += "  \(entry.id): {\(parts.joined(separator: ", "))}\n"
    }
    return text
  }

  private static func text(of source: KeyConfig.Source) -> String {
    switch source {
    case .file(let path): "file: \(quoted(path))"
    case .env(let name): "env: \(quoted(name))"
    case .command(let words): "command: [\(words.map(quoted).joined(separator: ", "))]"
    case .wrapped(let path, let passphrase): "wrapped: {file: \(quoted(path)), passphrase: {\(text(of: passphrase))}}"
    case .ring(let path): "ring: \(quoted(path))"
    }
  }

  /// A double-quoted YAML scalar.
  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { out += "\\" }
      if scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value {
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
