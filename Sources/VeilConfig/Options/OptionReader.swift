/// Reads the options of one section or stage from a mapping, and reports everything that is wrong with them: unknown
/// keys at once, missing values and values of a wrong type when they are asked for. A getter that reported an error
/// returns nil or the default, so that reading can continue; `Diagnostics.hasErrors` tells whether anything was wrong.
public struct OptionReader {
  /// The name of what is read, for messages: "stage 'mask'", "'source'".
  public let context: String
  public let diagnostics: Diagnostics
  /// The place at which missing options are reported.
  public let mark: Mark?
  /// False if the node was something other than a mapping, which was reported.
  public let isMapping: Bool
  private let entries: [String: ConfigNode.Entry]
  /// Known keys that an unknown key probably means; these are not reported as missing as well.
  private let misspelt: Set<String>

  /// - Parameters:
  ///   - node: A mapping; nil and null count as an empty one; anything else is reported.
  ///   - mark: The place at which missing options are reported; by default the beginning of the node.
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

  /// Returns the value unchanged, including null.
  public func node(_ key: String) -> ConfigNode? {
    entries[key]?.value
  }

  /// Returns whether the key exists, with any value or none.
  public func has(_ key: String) -> Bool {
    entries[key] != nil
  }

  /// Returns the beginning of the value; for an empty value that of its key; for a missing key that of the section.
  public func mark(of key: String) -> Mark? {
    guard let entry = entries[key] else { return mark }
    return entry.value.isNull ? entry.key.mark : entry.value.mark
  }

  public func keyMark(of key: String) -> Mark? {
    entries[key]?.key.mark ?? mark
  }

  /// Reports an error about the value of `key`.
  public func error(_ key: String, _ message: String, suggest: String? = nil, help: String? = nil) {
    diagnostics.error(at: mark(of: key), message, suggest: suggest, help: help)
  }

  public func warn(_ key: String, _ message: String, help: String? = nil) {
    diagnostics.warn(at: mark(of: key), message, help: help)
  }

  /// Returns whether `key` exists. If not, reports it as missing, unless an unknown key probably means it.
  @discardableResult
  public func require(_ key: String, help: String? = nil) -> Bool {
    if has(key) { return true }
    if isMapping && !misspelt.contains(key) {
      diagnostics.error(at: mark, "\(context) needs \(quote(key))", help: help)
    }
    return false
  }

  /// Returns whether `key` is absent and no unknown key probably means it: only then a default is what the user wants.
  public func isAbsent(_ key: String) -> Bool {
    !has(key) && !misspelt.contains(key) && isMapping
  }

  static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.map(quote).joined() }
    return words.dropLast().map(quote).joined(separator: ", ") + " and " + quote(last)
  }
}
