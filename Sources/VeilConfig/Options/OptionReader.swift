/// Reads the options of one section or stage from a mapping, reporting all that is wrong with them: unknown keys at
/// once, missing and mistyped values as they are asked for. A getter that has reported returns nil or the default, so
/// that reading can go on; whether anything was wrong is for `Diagnostics.hasErrors` to say.
public struct OptionReader {
  /// What is being read, as messages name it: "stage 'mask'", "'source'".
  public let context: String
  public let diagnostics: Diagnostics
  /// Where to report what is missing.
  public let mark: Mark?
  /// False when the node was something other than a mapping, which has then been reported.
  public let isMapping: Bool
  private let entries: [String: ConfigNode.Entry]
  /// Known keys that an unknown key was probably meant to be; they are not reported missing as well.
  private let misspelt: Set<String>

  /// - Parameters:
  ///   - node: A mapping; nil and null are an empty one; anything else is reported.
  ///   - mark: Where to report missing options; by default where the node begins.
  public init(
    node: ConfigNode?, context: String, known: [String], diagnostics: Diagnostics, at mark: Mark? = nil
  ) {
    self.context = context
    self.diagnostics = diagnostics
    self.mark = mark ?? node?.mark
    var entries: [String: ConfigNode.Entry] = [:]
    var misspelt: Set<String> = []
    var isMapping = true
    if let found = node?.entries {
      for entry in found {
        guard let key = entry.key.text else { continue }
        if known.contains(key) {
          entries[key] = entry
          continue
        }
        let near = Diagnostics.nearest(key, in: known)
        if let near { misspelt.insert(near) }
        let help = known.isEmpty ? "\(context) takes no options" : "\(context) takes \(Self.list(known))"
        diagnostics.error(at: entry.key, "unknown key \(quote(key)) in \(context)", suggest: near, help: help)
      }
    } else if let node, !node.isNull {
      isMapping = false
      let keys = known.isEmpty ? "no options" : "a mapping with \(Self.list(known))"
      diagnostics.error(at: node, "\(context) takes \(keys), not \(node.summary)")
    }
    self.entries = entries
    self.misspelt = misspelt
    self.isMapping = isMapping
  }

  /// The value as it stands, null included.
  public func node(_ key: String) -> ConfigNode? {
    entries[key]?.value
  }

  /// Whether the key is there, with any value or none.
  public func has(_ key: String) -> Bool {
    entries[key] != nil
  }

  /// Where the value begins; for an empty value, its key. The section's own place when the key is not there.
  public func mark(of key: String) -> Mark? {
    guard let entry = entries[key] else { return mark }
    return entry.value.isNull ? entry.key.mark : entry.value.mark
  }

  public func keyMark(of key: String) -> Mark? {
    entries[key]?.key.mark ?? mark
  }

  /// Reports something about the value of `key`.
  public func error(_ key: String, _ message: String, suggest: String? = nil, help: String? = nil) {
    diagnostics.error(at: mark(of: key), message, suggest: suggest, help: help)
  }

  public func warn(_ key: String, _ message: String, help: String? = nil) {
    diagnostics.warn(at: mark(of: key), message, help: help)
  }

  /// Whether `key` is there; reports it missing if not, unless an unknown key was probably meant to be it.
  @discardableResult
  public func require(_ key: String, help: String? = nil) -> Bool {
    if has(key) { return true }
    if isMapping && !misspelt.contains(key) {
      diagnostics.error(at: mark, "\(context) needs \(quote(key))", help: help)
    }
    return false
  }

  /// Whether nothing was said about `key`, not even misspelt: only then may a default be taken as the user's wish.
  public func isAbsent(_ key: String) -> Bool {
    !has(key) && !misspelt.contains(key) && isMapping
  }

  static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.map(quote).joined() }
    return words.dropLast().map(quote).joined(separator: ", ") + " and " + quote(last)
  }
}
