import VeilConfig

/// The descriptions of the catalogue's stages, for terminals and for the reference page.
public enum StageReference {
  /// One line for each stage.
  public static var list: String {
    let width = Catalog.names.map(\.count).max() ?? 0
    return Catalog.stages.map { stage in
      let documentation = stage.documentation
      let space = String(repeating: " ", count: width - documentation.name.count)
      return "\(documentation.name)\(space)  \(documentation.summary)\n"
    }.joined() + "\n'veil stages NAME' explains one.\n"
  }

  public static func nearest(_ name: String) -> String? { Diagnostics.nearest(name, in: Catalog.names) }

  /// Returns the description of one stage: its options, an example and its promise; nil if no stage has the name.
  public static func explanation(of name: String) -> String? {
    guard let documentation = Catalog.stage(named: name)?.documentation else { return nil }
    var text = "\(documentation.name): \(documentation.summary)\n"
    if !documentation.options.isEmpty { text += "\nOptions\n" }
    for option in documentation.options {
      text += "  \(option.name): \(option.values)\(presence(option))\n      \(option.summary)\n"
    }
    if let shorthand = documentation.shorthand {
      text += "\nA bare value stands for '\(shorthand)'.\n"
    }
    return text + "\nExample\n  \(documentation.example)\n\nPrivacy\n  \(documentation.promise)\n"
  }

  /// All stages, as a section of the reference page.
  public static var markdown: String {
    Catalog.stages.map { stage in
      let documentation = stage.documentation
      var text = "### `\(documentation.name)`\n\nThis stage \(documentation.summary).\n\n"
      if !documentation.options.isEmpty {
        text += "| option | value | if left out | |\n|---|---|---|---|\n"
        for option in documentation.options {
          text += "| `\(option.name)` | \(cell(option.values)) | \(cell(absence(option))) | \(cell(option.summary)) |\n"
        }
        text += "\n"
      }
      if let shorthand = documentation.shorthand { text += "A bare value stands for `\(shorthand)`.\n\n" }
      return text + "```yaml\n\(documentation.example)\n```\n\nPrivacy: \(documentation.promise)\n"
    }.joined(separator: "\n")
  }

  private static func presence(_ option: StageDocumentation.Option) -> String {
    switch option.presence {
    case .required: " (required)"
    case .oneOf(let group): " (\(group.words { "'\($0)'" }))"
    case .optional(let standard, _): " (default: \(standard))"
    }
  }

  /// What holds where an option is left out, for the page.
  private static func absence(_ option: StageDocumentation.Option) -> String {
    switch option.presence {
    case .required: "required"
    case .oneOf(let group): group.words { "`\($0)`" }
    case .optional(let standard, _): "`\(standard)`"
    }
  }

  /// Returns text that may stand in a cell of a Markdown table.
  private static func cell(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
