import VeilConfig

/// Whether an option of a stage must be given. Help and the reference page tell it, and `StageDocumentation.checkPresence`
/// holds every use of the stage against it, so that the stages themselves do not.
enum OptionPresence: Sendable {
  /// Always. `help` is added to the message that it is missing.
  case required(help: String)
  /// It, or another option of its group.
  case oneOf(OptionGroup)
  /// Never; what then holds, in words. It cannot stand beside the option that it `excludes`.
  case optional(String, excludes: String? = nil)

  /// That of a key's name, where a stage cannot do without a key.
  static let key = OptionPresence.required(help: "name a key under 'keys'")
}

/// Options of which exactly one must be given.
struct OptionGroup: Sendable {
  let names: [String]
  /// Whether more than one may be given, too.
  let areAlsoTakenTogether: Bool
  /// Options that, where they are `false`, count as not given.
  let switches: Set<String>
  /// What is needed, for the message that none is given.
  let missing: String
  /// The message that more than one is given.
  let conflict: String
  /// What is added to the message that none is given.
  let help: String

  init(
    _ names: [String], areAlsoTakenTogether: Bool = false, switches: Set<String> = [], missing: String? = nil,
    conflict: String? = nil, help: String
  ) {
    self.names = names
    self.areAlsoTakenTogether = areAlsoTakenTogether
    self.switches = switches
    let quoted = names.map { "'\($0)'" }
    let all = quoted.dropLast().joined(separator: ", ") + " and " + (quoted.last ?? "")
    self.missing = missing ?? (names.count == 2 ? quoted.joined(separator: " or ") : "one of \(all)")
    self.conflict =
      conflict
      ?? "\(all) exclude \(names.count == 2 ? "each other" : "one another"); a stage can only have one of them"
    self.help = help
  }
}

extension OptionGroup {
  /// What must be given, in words: `one of 'keep', 'date' and 'ip' is required`.
  func words(_ quote: (String) -> String) -> String {
    let quoted = names.map(quote)
    let all = quoted.dropLast().joined(separator: ", ") + " and " + (quoted.last ?? "")
    return "\(areAlsoTakenTogether ? "at least one" : "one") of \(all) is required"
  }
}

extension StageDocumentation {
  /// Reports options that are missing, and those that exclude each other.
  func checkPresence(_ reader: OptionReader) {
    for option in options {
      switch option.presence {
      case .required(let help): reader.require(option.name, help: help)
      case .oneOf(let group):
        // Once for each group.
        if group.names.first == option.name { group.check(reader) }
      case .optional(_, let other?) where reader.has(option.name) && reader.has(other):
        reader.error(
          option.name, "'\(other)' and '\(option.name)' exclude each other; a stage can only have one of them")
      case .optional: break
      }
    }
  }
}

extension OptionGroup {
  fileprivate func check(_ reader: OptionReader) {
    let given = names.filter { reader.has($0) && !isOff($0, reader) }
    if given.isEmpty {
      guard names.allSatisfy({ reader.isAbsent($0) || isOff($0, reader) }) else { return }
      reader.diagnostics.error(at: reader.mark, "\(reader.context) needs \(missing)", help: help)
    } else if given.count > 1, !areAlsoTakenTogether {
      reader.error(given[1], conflict)
    }
  }

  private func isOff(_ name: String, _ reader: OptionReader) -> Bool {
    switches.contains(name) && reader.node(name)?.bool == false
  }
}
