import VeilConfig

/// A part of the records that leaves as one value although rules name only what is in it: a list of elements, or an object
/// that leaves whole but for some members. Each element may be common, and the list, or its length, one person's alone.
struct WholeField: Sendable {
  let path: FieldPath
  /// The rules of what is in it and leaves.
  let rules: [CompiledField]
  /// The members in it whose bytes say nothing, since they are encrypted anew each time.
  let hidden: HiddenMembers
  /// Whether anything besides the length of the list leaves.
  let saysMore: Bool
  /// The fields that stand for the whole and for its length: what becomes of the most readable value in it.
  let whole: CompiledField
  let length: CompiledField

  /// Returns what leaves so in records of JSON, the outermost only: what is in a list is in the list as a whole.
  static func all(of view: CompiledPipeline) -> [WholeField] {
    var paths: [FieldPath] = []
    for field in view.fields where !field.isDropped {
      let path = field.config.path
      if let first = path.steps.firstIndex(of: .elements) { paths.append(path.beginning(first)) }
      let isCut = view.fields.contains { $0.config.path != path && $0.config.path.steps.starts(with: path.steps) }
      if field.isWhole, isCut { paths.append(path) }
    }
    let outermost = paths.filter { path in
      !paths.contains { $0 != path && path.steps.starts(with: $0.steps) }
    }
    var seen: Set<FieldPath> = []
    return outermost.filter { seen.insert($0).inserted }.compactMap { WholeField($0, view) }
  }

  private init?(_ path: FieldPath, _ view: CompiledPipeline) {
    self.path = path
    rules = view.fields.filter { !$0.isDropped && $0.config.path.steps.starts(with: path.steps) }
    var hidden = HiddenMembers()
    // A constant says whether there was a value: blanks stay blank.
    for rule in rules where rule.fate == .sealed {
      hidden.add(rule.config.path.steps.dropFirst(path.steps.count))
    }
    self.hidden = hidden
    let telling = rules.filter { $0.fate != .sealed }
    saysMore = !telling.isEmpty
    guard let base = telling.min(by: { $0.fate ?? .nothing < $1.fate ?? .nothing }) ?? rules.first else { return nil }
    var config = base.config
    config.path = path
    config.fieldClass = rules.allSatisfy { $0.config.fieldClass == .sensitive } ? .sensitive : .other
    whole = CompiledField(config: config, stages: base.stages, isDropped: false, quasiIndex: nil)
    length = CompiledField(config: config, stages: [], isDropped: false, quasiIndex: nil)
  }
}

/// The counts of a whole, and of its length where it is a list.
struct WholeCensus: Sendable {
  var whole: FieldCensus
  var length: FieldCensus

  init(countsPeople: Bool, few: Int) {
    whole = FieldCensus(countsPeople: countsPeople, few: few)
    length = whole
  }

  /// What was measured of both; nothing where no record has a value.
  func measured(
    _ field: WholeField, extent: MeasuredField.Extent, pipeline: PipelineConfig
  ) -> [MeasuredField] {
    var found: [MeasuredField] = []
    if field.saysMore, whole.cells > 0 {
      found.append(MeasuredField(field.whole, whole, part: .whole(field.rules), extent: extent, pipeline: pipeline))
    }
    if length.cells > 0 {
      found.append(MeasuredField(field.length, length, part: .length(field.rules), extent: extent, pipeline: pipeline))
    }
    return found
  }
}
