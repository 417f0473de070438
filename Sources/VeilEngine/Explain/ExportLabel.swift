import VeilConfig

/// What an export may be called. This depends on what was done to it and what was measured on it, and never on a wish.
///
/// The words are those of the law: personal data (GDPR, article 4(1)), pseudonymisation (article 4(5)), and anonymous
/// information (recital 26), which nobody can relate to a person by any means reasonably likely to be used. k-anonymity
/// alone does not reach that (Article 29 Working Party, Opinion 05/2014), so it has its own name.
struct ExportLabel: Sendable {
  enum Name: Sendable, Equatable {
    case personal, pseudonymous
    case kAnonymous(Int)
    /// Only figures, with noise; has the parameters of differential privacy.
    case noisy(String)
    /// Every condition is met (`LabelCondition`).
    case anonymous

    /// A rank by how much the export says about people; the first rank says the most.
    var rank: Int {
      switch self {
      case .personal: 0
      case .pseudonymous: 1
      case .kAnonymous: 2
      case .noisy: 3
      case .anonymous: 4
      }
    }
  }

  let name: Name
  /// The reasons why the export cannot have a better label.
  let reasons: [String]
  /// What the export does not protect from, in simple words.
  let limitations: [String]
  /// The conditions for the word 'anonymous'; empty without `anonymity`.
  let conditions: [LabelCondition]
  /// What follows k: what is counted, the other models, and the weakest measured figure.
  private var details = ""

  var text: String {
    switch name {
    case .personal: "personal data"
    case .pseudonymous: "pseudonymous"
    case .kAnonymous(let k): "k-anonymous (k=\(k))\(details)"
    case .noisy(let parameters): "differentially private (\(parameters))"
    case .anonymous: "anonymous"
    }
  }

  /// Returns the label of all that a pipeline publishes: the label of the sink that gets the most.
  static func ofAll(_ labels: [ExportLabel]) -> ExportLabel {
    labels.dropFirst().reduce(labels[0]) { $1.name.rank < $0.name.rank ? $1 : $0 }
  }

  /// Makes the label of figures with the noise of differential privacy (Dwork et al. 2006), without records.
  private init(_ aggregate: AggregateConfig) {
    name = .noisy(aggregate.privacyParameters)
    conditions = []
    reasons = ["no record leaves, only figures about groups, with noise"]
    limitations = [
      "Differential privacy bounds what one person's part can change, by epsilon=\(aggregate.epsilon.text) in this run; "
        + "releases add up, which the budget keeps account of.",
      "It does not hide what is true of a whole group.",
    ]
  }

  /// - Parameters:
  ///   - view: The pipeline as one sink sees it.
  ///   - evidence: What was measured on the export. Without measures nothing is called anonymous.
  ///   - part: Says that the export is only a part of the records for which a plan was made, for which alone the models
  ///     promise nothing; nil for any other export.
  ///   - measured: What was measured of the fields that leave.
  init(_ view: CompiledPipeline, evidence: AnonymityEvidence, part: String?, measured: [MeasuredField]) {
    if let aggregate = view.config.sinks[0].aggregate {
      self.init(aggregate)
      return
    }
    self.init(records: view, evidence: evidence, part: part, measured: measured)
  }

  private init(records view: CompiledPipeline, evidence: AnonymityEvidence, part: String?, measured: [MeasuredField]) {
    let leaving = view.fields.filter { !$0.isDropped && $0.fate != .nothing }
    func names(_ fields: [CompiledField]) -> String { fields.map(\.config.path.description).joined(separator: ", ") }
    let subject = view.config.source.subject
    let direct = leaving.filter { $0.isReadable && $0.namesPerson(view.config) }
    // A quasi-identifier without a hierarchy leaves only where k share it; k records may still be one person's.
    let shared = direct.filter { $0.quasiIndex != nil && $0.config.path != subject }
    let alone = direct.filter { $0.quasiIndex == nil || $0.config.path == subject }
    let (whole, respelt) = (alone.filter { $0.fate == .readable }, alone.filter { $0.fate == .normalized })
    // A part of a number, address or id may still tell whose it is.
    let parts = leaving.filter { field in
      field.fate == .coarser && field.quasiIndex == nil && field.namesPerson(view.config)
    }
    let linkable = leaving.filter { $0.fate?.isLinkable == true || $0.fate == .sealed }
    let anonymity = view.config.anonymity
    var reasons: [String] = []
    if view.config.unlisted == .keep { reasons.append("fields that no rule names leave as they came") }
    if !whole.isEmpty { reasons.append("these name a person and leave as they came: \(names(whole))") }
    let partly = leaving.filter {
      ($0.fate == .sometimesWhole || $0.fate == .coarser && $0.leavesMost) && $0.quasiIndex == nil
        && $0.namesPerson(view.config)
    }
    if !partly.isEmpty {
      reasons.append("these name a person, and some values leave whole or nearly so: \(names(partly))")
    }
    if !respelt.isEmpty { reasons.append("these name a person and are only normalized: \(names(respelt))") }
    for field in measured where field.showsPeople {
      reasons.append("the values of \(field.name) name people: \(field.identifierText)")
    }
    if !shared.isEmpty, !view.config.countsSubjects {
      reasons.append(
        "these name a person and stay where k records share them, which may all be one person's: \(names(shared))")
    }
    let isTouched =
      anonymity != nil || view.fields.contains { $0.isDropped || !$0.isReadable } || view.config.unlisted == .drop
    if !isTouched {
      let isRespelt = view.fields.contains { $0.fate == .normalized }
      reasons.append("every field leaves as it came" + (isRespelt ? ", or is only normalized" : ""))
    }
    let isPersonal = !reasons.isEmpty

    if !linkable.isEmpty {
      let hasKey = linkable.contains { $0.stages.contains { $0.keyUse != nil } }
      reasons.append(
        "whoever \(hasKey ? "has the keys, or " : "")joins on them\(hasKey ? "," : "") can single people out by the tokens of "
          + names(linkable))
    }
    if !parts.isEmpty { reasons.append("parts of what names a person leave: \(names(parts))") }
    // One by one these are measured; what several of them tell together, nobody has counted.
    let loose = leaving.filter {
      anonymity != nil && $0.isReadable && $0.quasiIndex == nil && $0.config.fieldClass != .sensitive
        && FieldNameGuess.role(of: $0.config.path.plainName)?.isKnownToOthers == true
    }
    let isLoose = loose.count > 1
    if isLoose {
      reasons.append(
        "others are likely to know these, which leave beside the quasi-identifiers and may tell people apart together: "
          + names(loose))
    }
    let apart = anonymity == nil ? [] : measured.filter(\.tellsApartUnsaid)
    for field in apart { reasons.append("\(field.name) tells people apart: \(field.singleText)") }
    let averaged = leaving.filter { $0.fate == .averaged }
    if anonymity == nil {
      reasons.append(
        "each record is still one person's, and "
          + (averaged.isEmpty ? "no privacy model was applied" : "only \(names(averaged)) became means of groups"))
    }
    let others = leaving.filter { $0.quasiIndex == nil }
    let guarded = Set(anonymity?.models.filter { !$0.model.isAlwaysMet }.map(\.field) ?? [])
    let keepsSuppressed = anonymity?.keepsSuppressed ?? false
    let open = others.filter { !guarded.contains($0.config.path) && $0.fate?.isLinkable != true && $0.fate != .sealed }
    if let anonymity, !open.isEmpty {
      reasons.append("k=\(anonymity.k) does not cover \(names(open)), which leave beside the quasi-identifiers")
    }
    if anonymity != nil, guarded.isEmpty {
      reasons.append("no sensitive field is guarded by l-diversity or t-closeness")
    }
    if keepsSuppressed { reasons.append("records that fit no class stay in it, with all that k does not cover") }
    if anonymity != nil, view.config.order == .input {
      reasons.append("records leave in the input's order ('order: input')")
    }
    if let part { reasons.append("a plan was applied to \(part)") }
    var conditions: [LabelCondition] = []
    if let anonymity {
      let countsPeople = evidence.countsPeople ?? view.config.countsSubjects
      func rule(_ name: String, _ demand: String, _ isMet: Bool, _ found: String) {
        conditions.append(LabelCondition(name, demand, found: isMet ? nil : found, isMet: isMet))
      }
      rule("people", "people are counted, and not records", countsPeople, "records")
      rule("tokens", "no tokens leave", linkable.isEmpty, names(linkable))
      let telling = parts + alone
      rule("identifiers", "nothing leaves of what names a person", telling.isEmpty && !isPersonal, names(telling))
      let isCovered = open.isEmpty && !guarded.isEmpty
      let bare = open.isEmpty ? "no field is guarded" : names(open)
      rule("covered", "every field is a quasi-identifier or guarded by a model of sensitive values", isCovered, bare)
      // Constants, too: blanks stay blank.
      let beside = view.fields.filter { !$0.isDropped && $0.quasiIndex == nil }
      rule(
        "together", "at most one field leaves beside the quasi-identifiers", beside.count <= 1,
        "\(beside.count) fields")
      rule("suppressed", "no suppressed record stays", !keepsSuppressed, "they stay")
      if part != nil { rule("whole", "the plan was applied to the records it was made for", false, "to a part") }
      conditions += evidence.conditions(countsPeople: countsPeople)
      if !countsPeople {
        reasons.append("k counts records, and nobody says whose they are: a class may be fewer people")
        details = ", counted in records"
      }
      for model in anonymity.modelNames { details += ", \(model)" }
      if let inference = evidence.inference { details += "; \(inference.text)" }
    }
    let isEarned = !conditions.isEmpty && conditions.allSatisfy { $0.isMet == true }
    self.conditions = conditions
    if isPersonal || (part != nil && linkable.isEmpty) {
      name = .personal
    } else if anonymity == nil || !linkable.isEmpty || !parts.isEmpty || !apart.isEmpty || isLoose {
      name = .pseudonymous
    } else if let anonymity, !isEarned {
      name = .kAnonymous(anonymity.k)
      if !conditions.contains(where: { $0.isMet != nil && $0.name == "k" }) {
        reasons.append("'anonymous' is only said of a measured file")
      }
    } else {
      name = .anonymous
    }
    self.reasons = reasons
    limitations =
      Self.limitations(name, view, leaving: leaving, open: open, guarded: guarded, part: part)
      + apart.map { "Whoever knows somebody's \($0.name) finds that person's record: \($0.singleText)." }
  }

  private static func limitations(
    _ name: Name, _ view: CompiledPipeline, leaving: [CompiledField], open: [CompiledField], guarded: Set<FieldPath>,
    part: String?
  ) -> [String] {
    var found: [String] = []
    switch name {
    case .personal:
      found.append("This is personal data: all duties of data protection hold for whoever receives it.")
    case .pseudonymous:
      found.append(
        "Pseudonymous data is personal data: "
          + (view.config.keys.isEmpty
            ? "who knows enough of a person can find them."
            : "who has the keys, or knows enough of a person, can find them."))
    case .kAnonymous(let k):
      found.append(
        "k-anonymity says that at least \(k) share each combination of quasi-identifiers. It is no proof of anonymity: "
          + "what all of them share is known of each.")
    case .noisy: break
    case .anonymous:
      found.append(
        "Every condition of docs/privacy-models.md was measured and is met. Whether nobody can be identified by any means reasonably likely "
          + "to be used (GDPR, recital 26) also depends on what else the recipient knows: somebody must judge it.")
    }
    if let part {
      found.append("A plan was applied to \(part), and not for this one by itself.")
    } else if view.config.anonymity != nil {
      found.append("The model holds for this file alone, not for several releases about the same people together.")
    }
    if view.config.anonymity?.keepsSuppressed == true {
      found.append(
        "Suppressed records stay, with '*' in every quasi-identifier: they are in no class, and no model protects them."
      )
    }
    let guessable = leaving.filter { $0.fate == .guessable }
    if !guessable.isEmpty {
      found.append("Anybody can hash guesses and find the values of \(list(guessable)).")
    }
    let linkable = leaving.filter { $0.fate?.isLinkable == true }
    if !linkable.isEmpty {
      found.append("A person's records can be followed by \(list(linkable)), and their pattern may single them out.")
    }
    let averaged = leaving.filter { $0.fate == .averaged }
    if let means = view.config.microaggregation, !averaged.isEmpty {
      found.append(
        "The values of \(list(averaged)) are means of groups of at least \(means.k) people, near to what each of them had; "
          + "nothing is promised about the fields beside them.")
    }
    if view.config.anonymity?.suppressed == .keep {
      found.append(
        "Suppressed records that stay are known, to whoever knows everybody's quasi-identifiers, to be those in no class; "
          + "they may be fewer than k.")
    }
    let readable = leaving.filter { $0.isReadable && !guarded.contains($0.config.path) && $0.quasiIndex == nil }
    for (fate, how) in [(ValueFate.readable, "leave whole"), (.normalized, "are only normalized, which hides nobody")] {
      let fields = readable.filter { $0.fate == fate }
      if fields.isEmpty { continue }
      found.append("The values of \(list(fields)) \(how): rare ones, and rare combinations, single people out.")
    }
    if view.config.order == .input, name != .personal { found.append(Self.inputOrder) }
    found.append("Free text is not searched for names.")
    return found
  }

  private static let inputOrder =
    "Records leave in the input's order: whoever knows that order, or has another file in it, can join them row by row, "
    + "and where the input is sorted by a field, what was suppressed or coarsened in it can be told from the neighbours."

  private static func list(_ fields: [CompiledField]) -> String {
    fields.map(\.config.path.description).joined(separator: ", ")
  }
}
