import VeilConfig

extension CompiledField {
  /// How much of the field's values the export contains; nil if the field does not leave.
  var fate: ValueFate? {
    if isDropped { return nil }
    if quasiIndex != nil, config.hierarchy != nil { return .generalized }
    if isAveraged { return .averaged }
    guard let fate = stages.map(\.fate).max() else { return .readable }
    return fate == .coarser && leavesMost && (config.fieldClass == .direct || isNamedLikePerson)
      ? .sometimesWhole : fate
  }

  /// Whether the stages leave so much of a value that, where it names a person, it is often as good as whole.
  var leavesMost: Bool {
    let parts = stages.filter { $0.fate == .coarser }
    guard !parts.isEmpty, stages.allSatisfy({ $0.fate <= .coarser }), parts.allSatisfy({ $0 is any PartKeeper })
    else { return false }
    let most = FieldNameGuess.role(of: config.path.plainName)?.mostOfAPart ?? ColumnRole.usualPart
    return parts.allSatisfy { ($0 as? any PartKeeper)?.leaves(moreThan: most) ?? false }
  }

  /// What becomes of the field, in one or two words. A quasi-identifier that has no hierarchy keeps what its stages make
  /// of a value, where enough share it, or else becomes `*`.
  var fateName: String {
    let name = fate?.name ?? "dropped"
    return quasiIndex != nil && config.hierarchy == nil && fate != nil ? "\(name) or '*'" : name
  }

  /// Whether the export contains everything that a value says: the field is kept, or its stages only change the
  /// spelling.
  var isReadable: Bool { fate?.isReadable ?? false }

  /// How a readable field leaves, as a part of a message.
  var howItLeaves: String { fate == .normalized ? "is only normalized" : "leaves as it came" }

  /// Returns whether the values name a person by themselves, according to the field's class, its role in the pipeline
  /// or its name.
  func namesPerson(_ pipeline: PipelineConfig) -> Bool {
    config.fieldClass == .direct || config.path == pipeline.source.subject || isNamedLikePerson
  }

  /// Whether the field is called like what tells one person from all others, such as `customer_name` or `iban`.
  var isNamedLikePerson: Bool { FieldNameGuess.namesPerson(config.path.plainName) }
}

extension FieldPath {
  /// The names on the path, as `FieldNameGuess` reads them.
  var plainName: String {
    steps.compactMap { if case .key(let name) = $0 { name } else { nil } }.joined(separator: ".")
  }
}

/// What the name of a field suggests about its values. It is used only to warn, or to give an export a weaker label.
enum FieldHint: Sendable {
  /// The value names one person by itself.
  case direct
  case birthDate, moment, postcode, place

  init?(_ path: FieldPath) {
    let name = path.plainName
    guard let found = FieldNameGuess.finding(name) else { return nil }
    if found.namesPerson {
      self = .direct
      return
    }
    switch found.role {
    case .birthDate: self = .birthDate
    case .postcode: self = .postcode
    case .coordinates: self = .place
    case .date where FieldNameGuess.isMoment(name): self = .moment
    default: return nil
    }
  }
}
