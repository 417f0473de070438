import VeilConfig

/// What an export may be called. This depends on what was done to it, and never on a wish.
///
/// The words are those of the law: personal data (GDPR, article 4(1)), pseudonymisation (article 4(5)), and anonymous
/// information (recital 26), which nobody can relate to a person by any means reasonably likely to be used. k-anonymity
/// alone does not reach that (Article 29 Working Party, Opinion 05/2014), so it has its own name.
struct ExportLabel: Sendable {
  enum Name: Sendable, Equatable {
    case personal, pseudonymous
    case kAnonymous(Int)
    /// Only figures, with noise; has epsilon as the pipeline writes it.
    case noisy(String)
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

  var text: String {
    switch name {
    case .personal: "personal data"
    case .pseudonymous: "pseudonymous"
    case .kAnonymous(let k): "k-anonymous (k=\(k))"
    case .noisy(let epsilon): "differentially private (epsilon=\(epsilon))"
    case .anonymous: "anonymous"
    }
  }

  /// Returns the label of all that a pipeline publishes: the label of the sink that gets the most.
  static func ofAll(_ labels: [ExportLabel]) -> ExportLabel {
    labels.dropFirst().reduce(labels[0]) { $1.name.rank < $0.name.rank ? $1 : $0 }
  }

  /// Makes the label of figures with the noise of differential privacy (Dwork et al. 2006), without records.
  private init(_ aggregate: AggregateConfig) {
    name = .noisy(aggregate.epsilon.text)
    reasons = ["no record leaves, only figures about groups, with noise"]
    limitations = [
      "Differential privacy bounds what one person's part can change, by epsilon=\(aggregate.epsilon.text) in this run; "
        + "releases add up, which the budget keeps account of.",
      "It does not hide what is true of a whole group.",
    ]
  }

  /// - Parameters:
  ///   - view: The pipeline as one sink sees it.
  ///   - part: Says that the export is only a part of the records for which a plan was made, for which alone the models
  ///     promise nothing; nil for any other export.
  init(_ view: CompiledPipeline, part: String? = nil) {
    if let aggregate = view.config.sinks[0].aggregate {
      self.init(aggregate)
      return
    }
    self.init(records: view, part: part)
  }

  private init(records view: CompiledPipeline, part: String?) {
    let leaving = view.fields.filter { !$0.isDropped && $0.fate != .nothing }
    func names(_ fields: [CompiledField]) -> String { fields.map(\.config.path.description).joined(separator: ", ") }
    let subject = view.config.source.subject
    let direct = leaving.filter { $0.isReadable && $0.namesPerson(view.config) }
    let (whole, respelt) = (direct.filter { $0.fate == .readable }, direct.filter { $0.fate == .normalized })
    // A part of a number, address or id may still tell whose it is.
    let parts = leaving.filter { field in
      field.fate?.isPart == true && (field.config.fieldClass == .direct || field.config.path == subject)
    }
    let named = leaving.filter { $0.isReadable && $0.quasiIndex == nil && $0.soundsLikeOnePerson }
    let linkable = leaving.filter { $0.fate?.isLinkable == true || $0.fate == .sealed }
    let anonymity = view.config.anonymity
    var reasons: [String] = []
    if view.config.unlisted == .keep { reasons.append("fields that no rule names leave as they came") }
    if !whole.isEmpty { reasons.append("these name a person and leave as they came: \(names(whole))") }
    if !respelt.isEmpty { reasons.append("these name a person and are only normalized: \(names(respelt))") }
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
    if !named.isEmpty { reasons.append("these sound like what tells one person from all others: \(names(named))") }
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
    if let part { reasons.append("a plan was applied to \(part)") }
    self.reasons = reasons
    if isPersonal || (part != nil && linkable.isEmpty) {
      name = .personal
    } else if anonymity == nil || !linkable.isEmpty || !parts.isEmpty || !named.isEmpty {
      name = .pseudonymous
    } else if let anonymity, !open.isEmpty || guarded.isEmpty || keepsSuppressed {
      name = .kAnonymous(anonymity.k)
    } else {
      name = .anonymous
    }
    limitations = Self.limitations(name, view, leaving: leaving, open: open, guarded: guarded, part: part)
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
        "Every field is covered by the declared model. Whether nobody can be identified by any means reasonably likely "
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
    found.append("Free text is not searched for names.")
    return found
  }

  private static func list(_ fields: [CompiledField]) -> String {
    fields.map(\.config.path.description).joined(separator: ", ")
  }
}
