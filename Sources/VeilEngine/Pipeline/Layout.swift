import VeilConfig
import VeilGround

/// The position of every field in this input, and which fields leave: the result of applying a compiled pipeline to the
/// fields of an input.
struct Layout: Sendable {
  /// Every field that the pipeline or the input names, in the order of the output.
  private(set) var fields: [FieldPlan] = []
  private(set) var columnCount = 0
  /// For CSV input, what happens to each field of a record.
  private(set) var uses: [CSVLayout.Use] = []
  /// For CSV input, the names of its fields.
  private(set) var header: [String] = []
  /// For CSV output, the columns to write, in order.
  private(set) var outputs: [CSVRecordEncoder.Output] = []

  /// The names of the fields that leave, in order.
  var emittedNames: [String] { fields.filter(\.isEmitted).map(\.name) }

  /// The column of each field that filters and the counting of people read.
  private var lookedColumns: [FieldPath: Int] = [:]

  /// The fields that are called like a person's identifier, where a first pass looks whether their values repeat.
  private(set) var identifiers: [(name: String, column: Int, field: Int)] = []

  /// Returns the column of a field that a filter or the counting of people reads.
  func column(of path: FieldPath) -> Int? { lookedColumns[path] }

  /// The fields that `anonymity` generalizes, in the order of the quasi-identifiers.
  var quasiFields: [Int] {
    fields.indices.filter { fields[$0].quasiIndex != nil }
      .sorted { fields[$0].quasiIndex ?? 0 < fields[$1].quasiIndex ?? 0 }
  }

  /// Applies a view of the pipeline to the fields of the input. `header` has the names of a CSV file's fields, and
  /// `file` is the file with that header.
  init(
    _ pipeline: CompiledPipeline, header: [String], source: DataFormat, sink: DataFormat, file: String
  ) throws(RunError) {
    let config = pipeline.config
    let isAggregate = config.sinks[0].aggregate != nil
    // What leaves beside quasi-identifiers is measured, field by field.
    let isMeasured = config.anonymity != nil
    let toCSV = sink.isSeparated
    if source.isSeparated {
      // If every cell must be looked at, no cell is copied together with its neighbours.
      let looks = isAggregate || config.sinks[0].csv.guardsFormulas
      let isSameForm = CSVFormat(config.source.csv, format: source) == CSVFormat(config.sinks[0].csv, format: sink)
      let copies = toCSV && !looks && !isMeasured && isSameForm && !config.writesOneForm
      try self.init(pipeline, header: header, copies: copies, file: file)
      return
    }
    if toCSV && config.unlisted == .keep {
      throw RunError(
        .invalid, "JSON to CSV needs every field that leaves under 'fields': 'unlisted: keep' cannot name the columns")
    }
    self.init(json: pipeline, extractsKept: toCSV || isAggregate || isMeasured)
  }

  // MARK: CSV

  /// Applies a pipeline to a CSV header. Throws `.mismatch` if a field is missing, unexpected or named twice.
  /// - Parameter copies: whether the output is CSV of the same format, so that kept fields can be copied unchanged.
  private init(_ pipeline: CompiledPipeline, header: [String], copies: Bool, file: String) throws(RunError) {
    self.header = header
    let rules = Dictionary(
      pipeline.fields.map { (Self.headerName($0.config.path), $0) }, uniquingKeysWith: { first, _ in first })
    try Self.checkNames(pipeline, header, rules, file)
    let looked = Self.lookedAt(pipeline)
    let modelled = pipeline.config.anonymity?.modelledFields ?? []
    let lookedNames = Set(looked.map(Self.headerName))
    let likely = Set(pipeline.likelyIdentifiers.map(Self.headerName))
    for name in header {
      let rule = rules[name]
      let path = rule?.config.path ?? FieldPath(key: name)
      let isEmitted = rule.map { !$0.isDropped } ?? (pipeline.config.unlisted == .keep)
      var field = FieldPlan(name: name, path: path, column: nil, isEmitted: isEmitted)
      field.stages = rule?.stages ?? []
      field.quasiIndex = rule?.quasiIndex
      let isRewritten = isEmitted && (!field.stages.isEmpty || field.quasiIndex != nil || !copies)
      let isLikely =
        likely.contains(name) || rule == nil && pipeline.looksForPeople && FieldNameGuess.identifiesPerson(name)
      field.isLookedAt = isLikely || lookedNames.contains(name)
      field.isModelled = modelled.contains(path)
      if isRewritten || field.isLookedAt || field.quasiIndex != nil { field.column = addColumn() }
      if isLikely, let column = field.column { identifiers.append((name, column, fields.count)) }
      fields.append(field)
    }
    for path in looked {
      // Fields are found by the header's name: `a.b` in one place of a pipeline and `'a.b'` in another are the same
      // column.
      lookedColumns[path] = fields.first { $0.name == Self.headerName(path) }?.column
    }
    layOutRuns()
  }

  /// Joins neighbouring fields that are all copied unchanged into one run, which has one cell for each record.
  private mutating func layOutRuns() {
    var index = 0
    while index < fields.count {
      let field = fields[index]
      if let column = field.column {
        uses.append(.value(column: column))
        if field.isEmitted { outputs.append(CSVRecordEncoder.Output(column: column, field: index)) }
        index += 1
        continue
      }
      guard field.isEmitted else {
        uses.append(.skip)
        index += 1
        continue
      }
      var end = index + 1
      while end < fields.count, fields[end].isEmitted, fields[end].column == nil { end += 1 }
      let column = addColumn()
      outputs.append(CSVRecordEncoder.Output(column: column, field: index))
      if end == index + 1 {
        uses.append(.run(column: column))
      } else {
        uses.append(.runStart)
        for _ in index + 1..<end - 1 { uses.append(.runMiddle) }
        uses.append(.runEnd(column: column))
      }
      index = end
    }
  }

  /// Returns how a CSV header names a field of the pipeline: a path with dots is a name with dots.
  private static func headerName(_ path: FieldPath) -> String { path.singleKey ?? path.description }

  private static func checkNames(
    _ pipeline: CompiledPipeline, _ header: [String], _ rules: [String: CompiledField], _ file: String
  ) throws(RunError) {
    // If the first record names nothing that the pipeline knows, it may be somebody's data: a country "IT" is not a
    // misspelt "id".
    let known = Set(rules.keys).union(lookedAt(pipeline).map(headerName))
    if !known.isEmpty, !header.isEmpty, known.isDisjoint(with: header) {
      throw RunError(
        .mismatch,
        "\(file): none of the pipeline's fields (\(known.sorted().joined(separator: ", "))) is in the first record: is it a "
          + "header, and is it this pipeline's? (for a file without one write  csv: {header: false}  under 'source'; its "
          + "fields are then c1, c2, …)")
    }
    var problems: [String] = []
    if let place = header.firstIndex(of: "") { problems.append("field \(place + 1) of the header has no name") }
    let ruled = Dictionary(pipeline.fields.map { (headerName($0.config.path), 1) }, uniquingKeysWith: +)
    for (name, count) in ruled.sorted(by: { $0.key < $1.key }) where count > 1 {
      problems.append("the pipeline has two rules for the field '\(name)': keep one")
    }
    var seen: Set<String> = []
    for name in header where !seen.insert(name).inserted {
      problems.append("the header names the field '\(ShownName.text(name))' twice: rename one of them")
    }
    for field in pipeline.fields where !field.config.isOptional && !seen.contains(headerName(field.config.path)) {
      problems.append(missing(headerName(field.config.path), header))
    }
    for path in lookedAt(pipeline) where rules[headerName(path)] == nil && !seen.contains(headerName(path)) {
      problems.append(missing(headerName(path), header))
    }
    problems += ForbiddenNames(pipeline.policies).problems(header.filter { rules[$0] == nil }, pipeline.config.unlisted)
    if pipeline.config.unlisted == .error {
      let used = Set(lookedAt(pipeline).map(headerName))
      for name in header where rules[name] == nil && !used.contains(name) && !name.isEmpty {
        problems.append(
          "the input has a field '\(ShownName.text(name))' that no rule names: give it a rule under 'fields' (drop, if it is "
            + "not to leave)")
      }
    }
    if !problems.isEmpty {
      throw RunError(
        .mismatch, "\(file): the input's fields do not match the pipeline\n  " + ShownName.list(problems))
    }
  }

  private static func missing(_ name: String, _ header: [String]) -> String {
    let near = Diagnostics.nearest(name, in: header).map { ": did the pipeline mean '\(ShownName.text($0))'?" } ?? ""
    return "the input has no field '\(name)', which the pipeline names\(near)"
  }

  // MARK: JSON

  /// Lays out the fields of JSON records, whose names are known only record by record.
  /// - Parameter extractsKept: whether every field that leaves needs a column (CSV output, or values that are measured).
  private init(json pipeline: CompiledPipeline, extractsKept: Bool) {
    let looked = Self.lookedAt(pipeline)
    let modelled = pipeline.config.anonymity?.modelledFields ?? []
    let likely = Set(pipeline.likelyIdentifiers)
    for rule in pipeline.fields {
      let path = rule.config.path
      var field = FieldPlan(name: Self.headerName(path), path: path, column: nil, isEmitted: !rule.isDropped)
      field.stages = rule.stages
      field.quasiIndex = rule.quasiIndex
      let isRewritten = field.isEmitted && (!field.stages.isEmpty || field.quasiIndex != nil || extractsKept)
      field.isLookedAt = looked.contains(path) || likely.contains(path)
      field.expectsValue = !rule.isDropped && !rule.isWhole
      field.isOptional = rule.config.isOptional
      field.isModelled = modelled.contains(path)
      field.isReplaced = rule.isAveraged || pipeline.correctedFields.contains(path)
      if isRewritten || field.isLookedAt || field.quasiIndex != nil { field.column = addColumn() }
      if field.isEmitted, let column = field.column {
        outputs.append(CSVRecordEncoder.Output(column: column, field: fields.count))
      }
      if likely.contains(path), let column = field.column { identifiers.append((field.name, column, fields.count)) }
      fields.append(field)
    }
    for path in looked where !fields.contains(where: { $0.path == path }) {
      // A field without a rule of its own leaves only as its parent does: unchanged, or not at all.
      let ruling = pipeline.fields.filter { path.steps.starts(with: $0.config.path.steps) }
        .max { $0.config.path.steps.count < $1.config.path.steps.count }
      let isEmitted = ruling.map { !$0.isDropped && $0.stages.isEmpty } ?? (pipeline.config.unlisted == .keep)
      fields.append(
        FieldPlan(
          name: Self.headerName(path), path: path, column: addColumn(), isEmitted: isEmitted, expectsValue: true,
          isLookedAt: true,
          isReplaced: pipeline.correctedFields.contains(path)))
    }
    for path in looked { lookedColumns[path] = fields.first { $0.path == path }?.column }
  }

  /// The layout of a pass that only observes: nothing leaves, and only the quasi-identifiers and the fields that
  /// filters and models need are read.
  var observing: Layout {
    var layout = self
    for index in fields.indices where fields[index].quasiIndex == nil && !fields[index].isModelled {
      layout.fields[index].isEmitted = false
      if !fields[index].isLookedAt { layout.fields[index].column = nil }
    }
    layout.outputs = []
    if !uses.isEmpty {
      layout.uses = layout.fields.map { field in field.column.map { .value(column: $0) } ?? .skip }
    }
    return layout
  }

  private mutating func addColumn() -> Int {
    defer { columnCount += 1 }
    return columnCount
  }

  /// Returns the fields that filters and the counting of people read, whether or not they leave; no path twice. These
  /// fields count as named: one without a rule does not leave.
  static func lookedAt(_ pipeline: CompiledPipeline) -> [FieldPath] {
    let config = pipeline.config
    var paths = config.records.filters.map(\.field)
    if let consent = config.records.consent { paths.append(consent.field) }
    if let retention = config.records.retention { paths.append(retention.field) }
    if let erasure = config.records.erasure { paths.append(erasure.field) }
    if let corrections = config.records.corrections { paths.append(corrections.field) }
    paths += pipeline.correctedFields
    if let subject = config.source.subject { paths.append(subject) }
    paths += config.anonymity?.modelledFields ?? []
    for field in pipeline.fields where !field.isDropped { paths += field.stages.flatMap(\.lookedAt) }
    paths += config.checks.compactMap(\.field)
    paths += config.microaggregation?.fields ?? []
    var seen: Set<FieldPath> = []
    return paths.filter { seen.insert($0).inserted }
  }
}
