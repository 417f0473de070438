/// The contents of a key ring's file: several keys of one purpose, of which one makes new tokens.
public struct KeyRingConfig: Sendable {
  public enum State: String, Sendable, CaseIterable {
    /// The key makes new tokens; one key of a ring is active.
    case active
    /// The key makes no new tokens, but its tokens can still be read and carried over.
    case accepted
    /// The key is no longer used for anything.
    case retired
  }

  public struct Entry: Sendable {
    /// The id: 1 to 16 characters of a-z and 0-9, but not `s1` or `g1`. Tokens may begin with it, and these two say how
    /// a token was made.
    public var id: String
    public var state: State
    /// The day of creation as `YYYY-MM-DD`; nil if the file does not say it.
    public var created: String?
    /// The last day on which the key makes new tokens.
    public var notAfter: String?
    /// The place of the key; paths are relative to the ring's folder.
    public var source: KeyConfig.Source

    public init(id: String, state: State, created: String?, notAfter: String?, source: KeyConfig.Source) {
      self.id = id
      self.state = state
      self.created = created
      self.notAfter = notAfter
      self.source = source
    }
  }

  /// The keys in the file's order, the newest last.
  public var entries: [Entry]

  public init(entries: [Entry]) { self.entries = entries }

  public var active: Entry? { entries.first { $0.state == .active } }

  /// The text of the file. Comments of the previous file are not kept.
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
    case .file(let path): "file: \(YAMLText.quoted(path))"
    case .env(let name): "env: \(YAMLText.quoted(name))"
    case .command(let words, let seconds):
      "command: [\(words.map(YAMLText.quoted).joined(separator: ", "))]"
        + (seconds == 60 ? "" : ", timeout: \(seconds)s")
    case .wrapped(let path, let passphrase):
      "wrapped: {file: \(YAMLText.quoted(path)), passphrase: {\(text(of: passphrase))}}"
    case .ring(let path): "ring: \(YAMLText.quoted(path))"
    }
  }
}
