import VeilConfig
public import VeilGround

/// Proposes a hierarchy for a field, as a pipeline writes it. It uses the form of the values, never the values: a tree
/// of countries, for example, must come from a person who knows them.
enum HierarchyProposal {
  /// Returns a hierarchy; nil if only a list of values would do.
  static func yaml(_ column: ColumnFinding) -> String? {
    let survey = column.survey
    guard column.values > 0 else { return nil }
    func count(_ kinds: ValueKind...) -> Int { kinds.reduce(0) { $0 + survey.count($1) } }
    /// Returns the kind alone if all values fit it, and with `missing: top` if nearly all do.
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

  /// Proposes a hierarchy from the field's name alone, if there is no data.
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

/// The advice of `veil check` about quasi-identifiers that can only be generalized to `*`.
public enum HierarchyAdvice {
  /// Returns a line for each such field. If `input` is given, the data is read once.
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
      // If the field has stages, the hierarchy sees other values than the data has.
      let column = field.stages.isEmpty ? found.first { ($0.path.singleKey ?? $0.path.description) == name } : nil
      let proposal =
        column.flatMap { HierarchyProposal.yaml($0) } ?? (column == nil ? HierarchyProposal.yaml(named: name) : nil)
      let advice =
        proposal.map { "hierarchy: \($0)  would fit" } ?? "a tree or order of its values would let it become coarser"
      return "field '\(ShownName.text(path.description))' has no hierarchy: its values stay or become '*'; \(advice)"
    }
  }
}
