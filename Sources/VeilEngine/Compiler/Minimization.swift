public import VeilConfig

/// Data minimization (GDPR, article 5(1)(c)): every field that leaves must be needed.
enum Minimization {
  /// Reports what makes a pipeline invalid.
  static func check(_ pipeline: CompiledPipeline, _ diagnostics: Diagnostics) {
    for view in pipeline.views where view.config.sinks[0].aggregate == nil {
      checkReasons(view.fields, view.config, diagnostics: diagnostics)
    }
    if pipeline.sinkViews.isEmpty { checkSomethingLeaves(pipeline.fields, pipeline.config, diagnostics: diagnostics) }
  }

  /// Reports fields that describe a person, leave unchanged, and have no reason.
  private static func checkReasons(_ fields: [CompiledField], _ config: PipelineConfig, diagnostics: Diagnostics) {
    let guarded = Set(config.anonymity?.models.filter { !$0.model.isAlwaysMet }.map(\.field) ?? [])
    for field in fields where field.isReadable {
      let path = field.config.path
      let isUnexplained = field.config.because == nil
      let message =
        "'\(path)' is of class \(field.config.fieldClass.rawValue) and \(field.howItLeaves), with no reason given"
      let help = "add  because: \"…\",  or drop it or make it coarser"
      switch field.config.fieldClass {
      case .other: continue
      case .direct:
        // A pipeline that publishes names cannot claim anonymity, whatever the reason.
        if config.anonymity != nil {
          diagnostics.error(
            at: field.config.mark,
            "'\(path)' is of class direct and \(field.howItLeaves): no 'anonymity' can then be claimed",
            help: "drop it, or give it a stage such as pseudonym")
        } else if isUnexplained {
          diagnostics.error(at: field.config.mark, message, help: help)
        }
      case .quasi:
        if isUnexplained, field.quasiIndex == nil { diagnostics.error(at: field.config.mark, message, help: help) }
      case .sensitive:
        if guarded.contains(path) || !isUnexplained { continue }
        // k-anonymity hides whose value it is. That may be reason enough, so a person decides.
        if config.anonymity == nil {
          diagnostics.error(at: field.config.mark, message, help: help)
        } else {
          diagnostics.warn(at: field.config.mark, message, help: help + ", or guard it with l or t under 'anonymity'")
        }
      }
    }
  }

  /// Reports a pipeline from which nothing leaves.
  private static func checkSomethingLeaves(
    _ fields: [CompiledField], _ config: PipelineConfig, diagnostics: Diagnostics
  ) {
    guard config.unlisted != .keep, let first = fields.first, fields.allSatisfy(\.isDropped),
      !diagnostics.hasErrors
    else { return }
    diagnostics.error(
      at: first.config.mark, "every field is dropped: nothing would leave", help: "keep or rewrite at least one field")
  }

  /// Adds advice for `veil check`: which fields could be dropped or made coarser.
  static func advise(_ view: CompiledPipeline, _ diagnostics: Diagnostics) {
    var unexplained: [CompiledField] = []
    for field in view.fields where field.isReadable && field.quasiIndex == nil {
      let path = field.config.path
      let isExplained = field.config.because != nil
      if field.isNamedLikePerson {
        if isExplained || field.config.fieldClass == .direct { continue }
        diagnostics.warn(
          at: field.config.mark,
          "'\(path)' sounds like something that names a person, and \(field.howItLeaves): the export is personal data",
          help: help(for: path, view.config))
      } else if let (what, help) = precision(of: path) {
        diagnostics.warn(at: field.config.mark, "'\(path)' may be more precise than needed: \(what)", help: help)
      } else if !isExplained, field.config.purposes.isEmpty {
        unexplained.append(field)
      }
    }
    if let first = unexplained.first {
      let names = unexplained.map(\.config.path.description).joined(separator: ", ")
      let purpose = view.config.purpose.map { "'\($0)'" } ?? "the purpose (which the pipeline does not name)"
      diagnostics.warn(
        at: first.config.mark, "could be dropped, for no reason is given why they leave as they came: \(names)",
        help: "drop what \(purpose) does not need; for the rest say  because: \"…\"")
    }
  }

  /// A reason silences the warning, and changes nothing of the label.
  private static func help(for path: FieldPath, _ config: PipelineConfig) -> String {
    let otherwise = (config.anonymity == nil ? "say  class: direct  and" : "say") + "  because: \"…\""
    switch FieldNameGuess.role(of: path.plainName) {
    case .ip: return "drop it, shorten it with {truncate: {ip: true}}, or \(otherwise)"
    case .address: return "drop it, or \(otherwise)"
    default: return "drop it, give it a token, or \(otherwise)"
    }
  }

  private static func precision(of path: FieldPath) -> (what: String, help: String)? {
    switch FieldHint(path) {
    case .birthDate: ("a full birth date, with a postcode, names most people", "{truncate: {date: year}}")
    case .moment: ("an exact time joins with other logs", "{truncate: {date: day}}, or month")
    case .postcode: ("a full postcode", "{truncate: {keep: 2}}")
    case .place: ("exact coordinates name a house", "{round: {digits: 1}}, about 10 km")
    case .direct, nil: nil
    }
  }
}

extension CompiledPipeline {
  /// Adds to `diagnostics` which fields could be dropped or made coarser.
  public func advise(_ diagnostics: Diagnostics) {
    for view in views where view.config.sinks[0].aggregate == nil { Minimization.advise(view, diagnostics) }
  }
}
