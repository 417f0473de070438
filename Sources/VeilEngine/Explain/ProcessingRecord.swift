import VeilConfig
import VeilGround

/// A record of processing activities (GDPR, article 30(1)) for a folder of pipelines: what the pipelines themselves
/// say, in the article's order. What no pipeline can know (the controller, transfers) is left blank for a person to
/// fill in.
public struct ProcessingRecord {
  struct Activity {
    var name: String
    var pipeline: String
    var purpose: String
    var subjects: String
    /// The fields by class, then in the pipeline's order.
    var data: [(group: String, fields: [String])]
    var recipients: [String]
    var timeLimits: [String]
    var measures: [String]
    var labels: [String]
    var conditions: [String]
  }

  let activities: [Activity]

  public init(_ pipelines: [CompiledPipeline]) {
    activities = pipelines.map(Self.activity).sorted { ($0.name, $0.pipeline) < ($1.name, $1.pipeline) }
  }

  private static func activity(_ pipeline: CompiledPipeline) -> Activity {
    let config = pipeline.config
    let explanation = Explanation(pipeline)
    let groups: [(FieldClass, String)] = [
      (.direct, "direct identifiers"), (.quasi, "quasi-identifiers"), (.sensitive, "sensitive data"),
      (.other, "other data"),
    ]
    let data = groups.compactMap { fieldClass, title -> (group: String, fields: [String])? in
      let fields = pipeline.fields.filter { $0.config.fieldClass == fieldClass }
      let names = fields.map { "\($0.config.path) (\($0.fate == nil ? "does not leave" : $0.fateName))" }
      return names.isEmpty ? nil : (title, names)
    }
    var limits: [String] = []
    if let retention = config.records.retention {
      limits.append(
        "records older than \(retention.keep.count) \(retention.keep.unit.rawValue) by '\(retention.field)' do not leave"
      )
    }
    if config.records.consent?.ledger != nil { limits.append("a consent ends when it is withdrawn or expires") }
    if config.records.erasure != nil { limits.append("people who ask to be erased are left out of every later run") }
    return Activity(
      name: config.name, pipeline: config.path, purpose: config.purpose ?? "not named",
      subjects: config.source.subject.map { "the people whom '\($0)' names in \(explanation.source)" }
        ?? "the people in \(explanation.source)",
      data: data,
      recipients: explanation.sections.map { ($0.recipient ?? "not named") + " (\($0.output))" }
        + raw(config.badRecords),
      timeLimits: timeLimits(limits, pipeline),
      measures: measures(pipeline), labels: explanation.sections.map(\.label.text), conditions: explanation.excluded)
  }

  /// Returns who may read bad records, if they are kept.
  private static func raw(_ rule: BadRecords) -> [String] {
    guard let quarantine = rule.quarantine, let raw = rule.rawCertificate else { return [] }
    return ["whoever has the private key of \(raw.path) (bad records with all their fields, encrypted, \(quarantine))"]
  }

  private static func timeLimits(_ limits: [String], _ pipeline: CompiledPipeline) -> [String] {
    let kept = pipeline.config.sinks.compactMap { sink in
      sink.expires.map { period in
        let whose = sink.recipient.map { "\($0)'s export" } ?? "the export"
        return "\(whose) is kept for \(period.count) \(period.unit.rawValue), and 'veil prune' deletes it"
      }
    }
    return limits.isEmpty && kept.isEmpty ? ["none is declared"] : limits + kept
  }

  /// Returns the technical measures (article 32(1)) that the pipeline itself takes.
  private static func measures(_ pipeline: CompiledPipeline) -> [String] {
    let config = pipeline.config
    var found: [String] = []
    let tokens = pipeline.fields.filter { $0.fate.map { $0.isLinkable || $0 == .sealed } ?? false }
    if !tokens.isEmpty {
      found.append("pseudonymisation of " + tokens.map(\.config.path.description).joined(separator: ", "))
    }
    let coarse = pipeline.fields.filter { $0.fate.map { $0.isPart || $0 == .averaged || $0 == .generalized } ?? false }
    if !coarse.isEmpty {
      found.append("coarser values of " + coarse.map(\.config.path.description).joined(separator: ", "))
    }
    let dropped = pipeline.fields.filter(\.isDropped)
    if !dropped.isEmpty {
      found.append("left out: " + dropped.map(\.config.path.description).joined(separator: ", "))
    }
    if let anonymity = config.anonymity { found.append("k-anonymity with k=\(anonymity.k), checked before publishing") }
    if !config.keys.isEmpty {
      found.append("keys kept apart from the data: " + config.keys.map(\.name).joined(separator: ", "))
    }
    if config.unlisted != .keep { found.append("fields that nobody listed never leave") }
    found.append("exports are readable by their owner alone (mode 0600), and published whole or not at all")
    return found
  }

  /// The record as a page for people.
  public var markdown: String {
    var out = "# Record of processing activities\n\n"
    out +=
      "GDPR, article 30(1). Made from \(activities.count) pipelines. To be filled in by hand: the controller and the "
    out += "data protection officer, transfers to third countries.\n"
    for activity in activities {
      out += "\n## \(Self.cell(activity.name))\n\n| | |\n|---|---|\n"
      func row(_ title: String, _ lines: [String]) {
        out += "| \(title) | \(lines.map(Self.cell).joined(separator: "<br>")) |\n"
      }
      row("Purpose", [activity.purpose])
      row("Categories of data subjects", [activity.subjects])
      row("Categories of personal data", activity.data.map { "\($0.group): \($0.fields.joined(separator: ", "))" })
      row("Conditions for leaving", activity.conditions)
      row("Categories of recipients", activity.recipients)
      row("What they get is", activity.labels)
      row("Time limits", activity.timeLimits)
      row("Security measures", activity.measures)
      row("Pipeline", [activity.pipeline])
    }
    return out
  }

  public var json: String {
    JSONValue.object([
      ("record_version", .integer(1)), ("regulation", .text("GDPR, article 30(1)")),
      (
        "activities",
        .array(
          activities.map { activity in
            .object([
              ("name", .text(activity.name)), ("pipeline", .text(activity.pipeline)),
              ("purpose", .text(activity.purpose)), ("data_subjects", .text(activity.subjects)),
              (
                "personal_data",
                .object(activity.data.map { ($0.group, .array($0.fields.map { .text($0) })) })
              ),
              ("conditions", .array(activity.conditions.map { .text($0) })),
              ("recipients", .array(activity.recipients.map { .text($0) })),
              ("labels", .array(activity.labels.map { .text($0) })),
              ("time_limits", .array(activity.timeLimits.map { .text($0) })),
              ("security_measures", .array(activity.measures.map { .text($0) })),
            ])
          })
      ),
    ]).document
  }

  /// Returns text in a form that a table's cell may contain.
  private static func cell(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
      .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " ")
  }
}
