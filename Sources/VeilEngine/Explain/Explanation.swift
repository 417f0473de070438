import VeilConfig

/// An explanation in simple words of what a pipeline does: for whom, why, what happens to each field, and what it does
/// not protect from. It is made from the pipeline alone; no data is read.
public struct Explanation {
  struct Field {
    var name: String
    var fieldClass: FieldClass
    /// What becomes of the field in one or two words, such as `pseudonymized`.
    var fate: String
    /// What happens to the field, step by step.
    var steps: [String]
    /// The stages' own privacy claims.
    var claims: [String]
    var joins: String?
    var isReversible: Bool
    var because: String?
    var danger: String?
  }

  /// What one recipient gets.
  struct Section {
    var recipient: String?
    var output: String
    var purpose: String?
    var label: ExportLabel
    var fields: [Field]
    var unlisted: String
    /// The order in which records leave, in words and as the pipeline writes it; nil for figures.
    var order: (words: String, name: RecordOrder)?
    var anonymity: [String]
  }

  let name: String
  let purpose: String?
  let source: String
  let subject: String?
  /// Which records are left out, in the order of the filters.
  let excluded: [String]
  /// What happens to records that cannot be read.
  let bad: [String]
  let keys: [String]
  let sections: [Section]

  public init(_ pipeline: CompiledPipeline) {
    let config = pipeline.config
    name = config.name
    purpose = config.purpose
    source = config.source.path.map { $0 == "-" ? "standard input" : $0 } ?? "what the command line names"
    subject = config.source.subject?.description
    excluded = Self.excluded(config)
    bad = Self.bad(config.badRecords)
    keys = config.keys.map { "\($0.name): \(Self.place(of: $0.source))" }
    sections = pipeline.views.map { view in
      let sink = view.config.sinks[0]
      return Section(
        recipient: sink.recipient,
        output: sink.path.map { $0 == "-" ? "standard output" : $0 } ?? "where the command line says",
        purpose: config.purpose,
        label: ExportLabel(view, evidence: .none, part: nil, measured: []),
        fields: view.fields.map { Self.field($0, view) },
        unlisted: Self.unlisted(view.config), order: Self.order(view.config),
        anonymity: Self.anonymity(view.config))
    }
  }

  // MARK: Records

  private static func excluded(_ config: PipelineConfig) -> [String] {
    let records = config.records
    var found: [String] = []
    func list(_ texts: [String]) -> String { texts.map { "'\($0)'" }.joined(separator: ", ") }
    func passed(_ calls: [StageCall]) -> String {
      calls.isEmpty ? "" : " (after \(calls.map(\.name).joined(separator: ", ")), on both sides)"
    }
    if let corrections = records.corrections {
      found.append(
        "Before all else, values that people have put right (\(corrections.file)) take the place of those in the input, "
          + "for the person that '\(corrections.field)' names\(passed(corrections.normalize)).")
    }
    for filter in records.filters {
      switch filter.condition {
      case .equals(let text):
        found.append("Only records whose '\(filter.field)' is exactly \(list([text])) may leave.")
      case .anyOf(let texts):
        found.append("Only records whose '\(filter.field)' is exactly one of \(list(texts)) may leave.")
      case .noneOf(let texts):
        found.append(
          "Records whose '\(filter.field)' is one of \(list(texts)), in any spelling, or has no value stay out.")
      }
    }
    if let consent = records.consent, let ledger = consent.ledger {
      let purpose = ledger.purpose == nil ? "" : " for '\(config.purpose ?? "")'"
      found.append(
        "Only people leave whose newest entry\(purpose) in the consent ledger (\(ledger.file)) is "
          + "\(list(ledger.granted)) and has not expired; '\(consent.field)' says who they are"
          + "\(passed(ledger.normalize)). Withdrawn, expired, unknown, unreadable or missing means no.")
    } else if let consent = records.consent {
      found.append(
        "Only records whose '\(consent.field)' says exactly \(list(consent.granted)) may leave: that is the consent. "
          + "Anything else, or nothing, means no.")
    }
    if let retention = records.retention {
      found.append(
        "Records whose '\(retention.field)' is older than \(retention.keep.count) \(retention.keep.unit.rawValue), lies "
          + "in the future or is no date stay out.")
    }
    if let erasure = records.erasure {
      found.append(
        "People in \(erasure.file) (column '\(erasure.column)') asked to be forgotten and stay out, found by "
          + "'\(erasure.field)'\(passed(erasure.normalize)); so does every record without it.")
    }
    if found.isEmpty { found.append("Nobody: every record of the input leaves. Neither consent nor age is asked.") }
    return found
  }

  private static func bad(_ rule: BadRecords) -> [String] {
    var found: [String] = []
    switch (rule.action, rule.limit) {
    case (.error, _): found.append("The first one ends the run, and nothing is published.")
    case (.skip, nil): found.append("They are left out and counted, however many there are.")
    case (.skip, .count(let most)):
      found.append("They are left out and counted; with more than \(most) nothing is published.")
    case (.skip, .share(let share)):
      found.append("They are left out and counted; with more than \(share.fraction * 100)% nothing is published.")
    }
    guard let quarantine = rule.quarantine else { return found }
    if let raw = rule.rawCertificate {
      found.append(
        "\(quarantine) gets each of them WHOLE, WITH ALL FIELDS AS THEY CAME, whoever it is about, encrypted (CMS) to the "
          + "certificate \(raw.path): whoever has its private key reads them.")
    } else {
      found.append("\(quarantine) gets the place of each and the reason, and nothing of what it holds.")
    }
    return found
  }

  // MARK: Fields

  private static func field(_ field: CompiledField, _ view: CompiledPipeline) -> Field {
    let config = field.config
    let calls = config.stages.map { call in
      (call, Catalog.stage(named: call.name)?.documentation)
    }
    var steps = calls.map { call, documentation in
      "\(call.name)\(options(call)): \(documentation?.summary ?? "")"
    }
    var claims = calls.compactMap { $0.1.map { "\($0.name): \($0.promise)" } }
    if field.quasiIndex != nil {
      steps.append(
        config.hierarchy.map { "generalized \(hierarchy($0))" }
          ?? "kept where at least k=\(view.config.anonymity?.k ?? 2) share it with all those below, or else '*'")
      claims.append(
        "anonymity: at least k=\(view.config.anonymity?.k ?? 2) share each combination of the quasi-identifiers.")
    }
    if let means = view.config.microaggregation, field.isAveraged {
      let together =
        means.fields.count > 1 ? ", grouped by \(means.fields.map(\.description).joined(separator: ", "))" : ""
      steps.append("averaged: each number becomes the mean of a group of at least \(means.k) people\(together)")
      claims.append(
        "microaggregation: at least k=\(means.k) people share each mean. It promises nothing about the fields beside it."
      )
    }
    let last = field.stages.last { $0.joins != nil }
    let fate = field.fate
    return Field(
      name: config.path.description, fieldClass: config.fieldClass, fate: field.fateName, steps: steps,
      claims: claims, joins: field.isDropped ? nil : last?.joins,
      isReversible: fate == .reversible || fate == .sealed, because: config.because,
      danger: field.isDropped ? nil : danger(field))
  }

  /// Returns a warning for a hash of values that can all be guessed, because it hides little.
  private static func danger(_ field: CompiledField) -> String? {
    guard let stage = field.stages.last(where: { $0 is Hash }) else { return nil }
    let why =
      "There are only so many phone numbers (10 billion in a country), postcodes (100,000), birth dates (40,000) and "
      + "national ids (a billion or so): a graphics card hashes them all in seconds and compares."
    return stage.fate == .guessable
      ? "This hash has no key, so anybody can turn it back. \(why) Use 'pseudonym'."
      : "Whoever has the salt can turn this hash back. \(why) Keep the salt as a key, apart from the export; it hides "
        + "nothing from those who hold it. 'pseudonym' also keeps recipients apart."
  }

  private static func hierarchy(_ hierarchy: HierarchyConfig) -> String {
    switch hierarchy {
    case .date(let levels): "to \(levels.map(\.rawValue).joined(separator: ", then ")), then '*', as far as k asks"
    case .prefix(let count): "to ever shorter beginnings of its \(count) characters, as far as k asks"
    case .interval(let width, let levels, _):
      "to intervals of \(width.text), doubled up to \(levels - 1) times, as far as k asks"
    case .autoInterval(_, let levels):
      "to intervals chosen from the data, \(1 << levels) at the finest, as far as k asks"
    case .ip(let v4, let v6): "to networks (/\(v4[0]) or /\(v6[0]) at the finest), as far as k asks"
    case .order(let values, _): "to groups of neighbours among its \(values.count) values, as far as k asks"
    case .tree(let rows): "by its tree of \(rows.count) values, as far as k asks"
    case .file(let path): "by the hierarchy \(path), as far as k asks"
    }
  }

  private static func options(_ call: StageCall) -> String {
    guard let node = call.options, !node.isNull else { return "" }
    return " (\(text(node, isInner: false)))"
  }

  /// Returns a node of the pipeline file on one line. Long tables are shortened; the pipeline file has the whole.
  private static func text(_ node: ConfigNode, isInner: Bool = true) -> String {
    switch node.kind {
    case .scalar(let text, _): return text
    case .sequence(let items): return "[" + items.map { text($0) }.joined(separator: ", ") + "]"
    case .mapping(let entries):
      let shown = entries.prefix(6).map { "\($0.key.text ?? ""): \(text($0.value))" } + (entries.count > 6 ? ["…"] : [])
      let inner = shown.joined(separator: ", ")
      return isInner ? "{\(inner)}" : inner
    }
  }

  private static func order(_ config: PipelineConfig) -> (words: String, name: RecordOrder)? {
    if config.sinks[0].aggregate != nil { return nil }
    switch config.order {
    case .keyed:
      return ("By chance: another order in each run and for each sink, which says nothing about the input's.", .keyed)
    case .input: return ("THE INPUT'S: row by row the export follows what was read.", .input)
    }
  }

  private static func unlisted(_ config: PipelineConfig) -> String {
    switch config.unlisted {
    case .error: "A field that is not listed stops the run."
    case .drop: "Fields that are not listed do not leave."
    case .keep: "Fields that are not listed LEAVE AS THEY CAME."
    }
  }

  /// Returns what a model demands of a field, as the end of a sentence.
  private static func model(_ model: SensitiveDemand.Model) -> String {
    switch model {
    case .distinct(let l): "has at least \(l) different values (l-diversity)"
    case .entropy(let l): "has entropy l-diversity of \(l)"
    case .recursive(let c, let l): "has recursive (\(c), \(l))-diversity"
    case .closeness(let t, _): "is spread as in the whole file, within \(t) (t-closeness)"
    case .alpha(let alpha, _): "has no value with a share above \(alpha) ((alpha, k)-anonymity)"
    case .likeness(let beta, _): "has no value more frequent than overall by more than \(beta) times (beta-likeness)"
    case .disclosure(let delta):
      "has each value with its overall share, within a factor of exp(\(delta)) (delta-disclosure)"
    }
  }

  private static func anonymity(_ config: PipelineConfig) -> [String] {
    guard let anonymity = config.anonymity else { return [] }
    let unit = anonymity.count == .subjects ? "people" : "records"
    var found = ["At least \(anonymity.k) \(unit) share each combination of the quasi-identifiers (k-anonymity)."]
    for rule in anonymity.models { found.append("Among them '\(rule.field)' \(model(rule.model)).") }
    let share = anonymity.suppress.percent + "%"
    found.append("At most \(share) of the records are suppressed to get there.")
    found.append(
      "A run measures every field beside them: where one tells people apart by itself, the export is at most pseudonymous."
    )
    return found
  }

  static func place(of source: KeyConfig.Source) -> String {
    switch source {
    case .file(let path): "the file \(path)"
    case .env(let name): "the environment variable \(name)"
    case .command(let words, _): "what the command \(words.first ?? "") prints"
    case .wrapped(let path, _): "the file \(path), which a passphrase opens"
    case .ring(let path): "the ring \(path)"
    }
  }
}
