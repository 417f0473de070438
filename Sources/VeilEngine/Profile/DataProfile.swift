import VeilConfig
public import VeilGround

/// What some data contains, field by field, and how well it tells people apart. It holds no value of the data.
public struct DataProfile: Sendable {
  let path: String
  let format: DataFormat
  let records: Int
  /// The field that says whose a record is, if people are counted.
  let subject: FieldPath?
  let columns: [ColumnFinding]
  /// The fields whose combinations were counted.
  let quasi: [FieldPath]
  /// The risk; nil if no combinations were counted.
  let risk: RiskMeasures?
  let subsets: [SubsetRisk]
  /// The size up to which all subsets were counted.
  let subsetSize: Int

  /// Reads the data twice: first for the fields, and then for the combinations of fields that others are likely to
  /// know.
  public static func profile(_ options: DataOptions) throws(RunError) -> DataProfile {
    try profile(options, countsSubsets: true) { columns, _ in
      columns.filter { $0.role.isKnownToOthers && !$0.isRepeated && !$0.isMapKey }.prefix(quasiLimit).map(\.path)
    }
  }

  /// Reads the data twice: first for the fields, and then for the combinations of those that `choose` names.
  static func profile(
    _ options: DataOptions, countsSubsets: Bool, _ choose: (_ columns: [ColumnFinding], _ records: Int) -> [FieldPath]
  ) throws(RunError) -> DataProfile {
    do {
      let data = try DataFile(options, input: try RunInput(options), passes: 2)
      let stations = try data.scan(SurveyRequest(columns: true))
      let (columns, records) = (merge(stations, data), stations.first?.records ?? 0)
      let quasi = choose(columns, records)
      var survey: CombinationSurvey?
      if !quasi.isEmpty {
        let names = quasi.map { data.isCSV ? $0.singleKey ?? $0.description : $0.description }
        survey = combinations(try data.scan(SurveyRequest(quasi: names, subsets: countsSubsets)))
      }
      return DataProfile(
        options, data, records: records, columns: columns, quasi: quasi, survey: survey, fraction: nil)
    } catch {
      throw RunError(any: error)
    }
  }

  /// Reads the data once, for the fields and for the combinations of the named ones.
  /// - Parameters:
  ///   - fraction: the share of the population that is in the data; nil if the data has the whole population.
  ///   - population: the number of people in the population, in place of `fraction`.
  public static func risk(
    _ options: DataOptions, quasi names: [String], subject: String? = nil, fraction: Double?, population: Int?
  ) throws(RunError) -> DataProfile {
    do {
      let input = try RunInput(options)
      let isCSV = input.format.isSeparated
      let paths = try names.map { try path($0, option: "--quasi") }
      let person = try subject.map { try path($0, option: "--subject") }
      func header(_ path: FieldPath, _ name: String) -> String {
        isCSV ? path.singleKey ?? name : path.description
      }
      let wanted = zip(paths, names).map(header)
      let owner = person.map { header($0, subject ?? "") }
      if let owner, wanted.contains(owner) {
        throw RunError(.invalid, "'\(ShownName.text(owner))' says whose a record is: it is no quasi-identifier")
      }
      let needed = wanted + [owner].compactMap { $0 }
      let data = try DataFile(options, input: input, passes: 1)
      if isCSV { try check(needed, in: data.header) }
      let stations = try data.scan(SurveyRequest(columns: true, quasi: wanted, subject: owner))
      let columns = merge(stations, data)
      if !isCSV { try check(needed, in: columns.map(\.path.description)) }
      let records = stations.first?.records ?? 0
      var survey = combinations(stations)
      survey?.countPeople()
      let people = survey?.people ?? records
      if let population, population < people {
        let unit = person == nil ? "records" : "people"
        throw RunError(.invalid, "--population is smaller than the \(people) \(unit) there are")
      }
      let share = population.map { Double(people) / Double(max(1, $0)) } ?? fraction
      return DataProfile(
        options, data, records: records, columns: columns, quasi: paths, survey: survey, subject: person,
        fraction: share == 1 ? nil : share)
    } catch {
      throw RunError(any: error)
    }
  }

  private static func path(_ name: String, option: String) throws(RunError) -> FieldPath {
    do throws(FieldPathError) { return try FieldPath(name) } catch {
      throw RunError(.invalid, "\(option): '\(name)' is not a field: \(error.message)")
    }
  }

  /// Reads the data once, for its fields alone.
  static func columns(_ options: DataOptions) throws(RunError) -> [ColumnFinding] {
    do {
      let data = try DataFile(options, input: try RunInput(options), passes: 1)
      return merge(try data.scan(SurveyRequest(columns: true)), data)
    } catch {
      throw RunError(any: error)
    }
  }

  /// Memory and time of the second pass grow with the fields that are combined.
  private static let quasiLimit = 12

  private init(
    _ options: DataOptions, _ data: DataFile, records: Int, columns: [ColumnFinding], quasi: [FieldPath],
    survey: CombinationSurvey?, subject: FieldPath? = nil, fraction: Double?
  ) {
    self.subject = subject
    path = options.path == "-" ? "standard input" : options.path
    format = data.format
    self.records = records
    self.columns = columns
    self.quasi = quasi
    risk = survey.flatMap { $0.records > 0 ? RiskMeasures($0, fraction: fraction) : nil }
    subsets = survey.map { SubsetRisk.all($0) } ?? []
    subsetSize = survey?.subsetSize ?? 0
  }

  private static func merge(_ stations: [SurveyStation], _ data: DataFile) -> [ColumnFinding] {
    var merged: [String: ColumnSurvey] = [:]
    for station in stations {
      for (name, survey) in zip(station.names, station.columns) {
        if merged[name] == nil { merged[name] = survey } else { merged[name]?.merge(survey) }
      }
    }
    let records = stations.first?.records ?? 0
    let found = merged.sorted { $0.value.firstSeen < $1.value.firstSeen }.map { name, survey in
      ColumnFinding(name: name, isCSV: data.isCSV, survey: survey, records: records)
    }
    // An object or array that is empty or null in one record needs no finding if other records show what is in it.
    if data.isCSV { return found }
    var fields = found.filter { column in column.values > 0 || !found.contains { $0.isPart(of: column) } }
    MapKeys.mark(&fields, records: records)
    return fields
  }

  private static func combinations(_ stations: [SurveyStation]) -> CombinationSurvey? {
    guard var survey = stations.first?.combinations else { return nil }
    for station in stations.dropFirst() {
      if let other = station.combinations { survey.merge(other) }
    }
    return survey
  }

  private static func check(_ wanted: [String], in names: [String]) throws(RunError) {
    var problems: [String] = []
    for name in wanted where !names.contains(name) {
      let near = Diagnostics.nearest(name, in: names).map { ": did you mean '\(ShownName.text($0))'?" } ?? ""
      problems.append("the data has no field '\(ShownName.text(name))'\(near)")
    }
    if Set(wanted).count < wanted.count { throw RunError(.invalid, "--quasi names a field twice") }
    if !problems.isEmpty { throw RunError(.mismatch, problems.joined(separator: "\n  ")) }
  }
}
