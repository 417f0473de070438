import VeilConfig
public import VeilGround

/// A hierarchy that would fit a field, as a pipeline writes it. It is made from what values look like, never from values:
/// a tree of countries, say, is left to whoever knows them.
enum HierarchyProposal {
  /// Nil where only a list of values would do.
  static func yaml(_ column: ColumnFinding) -> String? {
    let survey = column.survey
    guard column.values > 0 else { return nil }
    func count(_ kinds: ValueKind...) -> Int { kinds.reduce(0) { $0 + survey.count($1) } }
    /// The kind alone where all values fit it, with `missing: top` where nearly all do.
    func fitting(_ fits: Int, _ kind: String, alone: String? = nil) -> String? {
      if fits >= column.values { return alone ?? "{\(kind)}" }
      return fits * 100 >= column.values * 95 ? "{\(kind), missing: top}" : nil
    }
    switch column.role {
    case .birthDate:
      if let found = fitting(count(.date, .dateTime), "date: [month, year, decade]") { return found }
    case .age:
      if let found = fitting(count(.decimalNumber), "interval: {width: 5, levels: 4}") { return found }
    case .postcode:
      return "{prefix: \(min(64, max(1, survey.longest)))}"
    case .ip:
      return fitting(count(.ip), "ip: {}", alone: "ip")
    default: break
    }
    if let found = fitting(count(.date, .dateTime), "date: [\(count(.dateTime) > 0 ? "day, " : "")month, year]") {
      return found
    }
    let isNumeric =
      column.role == .number || column.role == .income || column.role == .household || column.role == .age
      || column.survey.count(.decimal) > 0
    if isNumeric || column.distinct > 20 { return fitting(count(.decimalNumber), "interval: auto") }
    return nil
  }

  /// By its name alone, where no data is at hand.
  static func yaml(named name: String) -> String? {
    switch FieldNameGuess.role(of: name) {
    case .birthDate: "{date: [month, year, decade]}"
    case .date: "{date: [month, year]}"
    case .age: "{interval: {width: 5, levels: 4}}"
    case .postcode: "{prefix: 5}"
    case .ip: "ip"
    case .income: "{interval: auto}"
    default: nil
    }
  }
}

/// What `veil check` says about quasi-identifiers that nothing but `*` can generalize.
public enum HierarchyAdvice {
  /// A line for each such field. With `input`, the data is read, once.
  public static func lines(_ pipeline: CompiledPipeline, input: String?) throws(RunError) -> [String] {
    guard pipeline.config.anonymity != nil else { return [] }
    let fields = pipeline.fields.filter { $0.quasiIndex != nil && $0.config.hierarchy == nil }
    guard !fields.isEmpty else { return [] }
    var found: [ColumnFinding] = []
    if let input {
      var options = DataOptions(path: input)
      options.format = pipeline.config.source.format ?? pipeline.config.source.path.flatMap { DataFormat(fileName: $0) }
      options.csv = pipeline.config.source.csv
      found = try DataProfile.columns(options)
    }
    return fields.compactMap { field in
      let path = field.config.path
      let name = path.singleKey ?? path.description
      // Stages change what the hierarchy will see.
      let column = field.stages.isEmpty ? found.first { ($0.path.singleKey ?? $0.path.description) == name } : nil
      let proposal =
        column.flatMap { HierarchyProposal.yaml($0) } ?? (column == nil ? HierarchyProposal.yaml(named: name) : nil)
      let advice =
        proposal.map { "hierarchy: \($0)  would fit" } ?? "a tree or order of its values would let it become coarser"
      return "field '\(ShownName.text(path.description))' has no hierarchy: its values stay or become '*'; \(advice)"
    }
  }
}
