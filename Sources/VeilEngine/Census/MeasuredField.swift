import VeilConfig

/// What was measured on one field of an export, as it left. It holds counts, and no value.
struct MeasuredField: Sendable {
  /// How much was looked at.
  enum Extent: Sendable, Equatable {
    /// All records that left.
    case whole
    /// All records that left, which are but some of those that a plan is applied to.
    case part
    /// The first records that left.
    case first(Int)
  }

  /// What of the field was measured.
  enum Part: Sendable {
    /// Each of its values.
    case values
    /// The list, or the object that leaves whole but for some members, as one value; with the rules of what is in it.
    case whole([CompiledField])
    /// How many elements the list has.
    case length([CompiledField])
  }

  let field: CompiledField
  let part: Part
  let extent: Extent
  /// Whether the values of one person count once; if not, each record is taken to be one person's.
  let countsPeople: Bool
  /// The number of values, the number of different ones, and how many of them only one person has.
  let values: Int
  let distinct: Int
  let single: Int
  /// How many of them are values that fewer than `few` people have, k or the most that are counted; and of those, how many
  /// one or two people have.
  let scarce: Int
  let few: Int
  private let paired: Int
  /// Whether the counts are exact and not estimated.
  let isExact: Bool
  let tally: IdentifierTally
  /// Whether the pipeline says that the values name people, so that finding names in them is no news.
  let namesPerson: Bool

  /// - Parameter tally: What all values look like, where more was looked at than the census has.
  init(
    _ field: CompiledField, _ census: FieldCensus, part: Part = .values, extent: Extent,
    tally: IdentifierTally? = nil, pipeline: PipelineConfig
  ) {
    self.field = field
    self.part = part
    self.extent = extent
    countsPeople = census.countsPeople
    (values, distinct, single, isExact) = (census.values, census.distinct, census.single, census.isExact)
    (few, scarce, paired) = (census.few, census.held(byFewerThan: census.few), census.held(byFewerThan: 3))
    self.tally = tally ?? census.tally
    namesPerson = field.namesPerson(pipeline)
    let isGuarded = pipeline.anonymity?.models.contains { $0.field == field.config.path } ?? false
    isSensitive = field.config.fieldClass == .sensitive || isGuarded
  }

  /// Whether others are taken not to know the values.
  private let isSensitive: Bool

  /// The field and what was measured of it, for a person.
  var name: String {
    switch part {
    case .values: field.config.path.description
    case .whole: "\(field.config.path) (as a whole)"
    case .length: "\(field.config.path) (its length)"
    }
  }

  /// Returns whether a list of fields that may tell people apart has this one: all rules of what is in it.
  func isExcused(by except: [FieldPath]) -> Bool {
    switch part {
    case .values: except.contains(field.config.path)
    case .whole(let rules), .length(let rules): rules.allSatisfy { except.contains($0.config.path) }
    }
  }

  /// The kinds of identifiers in a field that may be read and is said to name nobody.
  var identifiers: [IdentifierTally.Finding] {
    (field.isReadable || field.quasiIndex != nil) && !namesPerson ? tally.findings(distinct: distinct) : []
  }

  /// Whether so many values are identifiers that the field names people.
  var showsPeople: Bool { identifiers.contains(where: \.isClear) }

  /// Whether the field tells people apart by itself: many of its values belong to one person alone. docs/privacy-models.md
  /// gives the reasons for each bound.
  ///
  /// Of n values, at least a tenth and twice the square root of n more must be single. With few values single ones come
  /// by chance; so below 20 a sensitive field, which others are taken not to know, must look like what is seldom shared.
  /// From 20 on the same bound holds for the values that fewer than k have. Of a sensitive field, that some values are rare
  /// is usual: there nearly all must be of one or two.
  ///
  /// A part of more records allows for no chance: where no part has more than a tenth, all of them together have not.
  var tellsApart: Bool {
    guard isMeasured, field.quasiIndex == nil, let fate = field.fate, fate != .sealed, fate != .nothing
    else { return false }
    return isOfSingles || isOfFew
  }

  /// Whether all records were looked at that left.
  var isMeasured: Bool { extent == .whole || extent == .part }

  private var isOfSingles: Bool {
    if extent == .part { return single * 10 > values }
    guard single >= 2 else { return false }
    if values < 20, isSensitive { return values >= 3 && single == values && isSeldomShared }
    if values < 5 { return values >= 3 && single == values }
    return Double(single) >= bound
  }

  private var isOfFew: Bool {
    let isPart = extent == .part
    if isSensitive { return few > 2 && (isPart || values >= 100) && paired * 10 >= values * 9 }
    return isPart ? scarce * 10 > values : values >= 20 && Double(scarce) >= bound
  }

  private var bound: Double { 0.1 * Double(values) + 2 * Double(values).squareRoot() }

  /// Whether it tells people apart, and the pipeline alone does not already say so: by tokens, or as what names people.
  var tellsApartUnsaid: Bool { tellsApart && field.fate?.isLinkable != true && !(namesPerson && field.isReadable) }

  /// Whether most values are of kinds that hardly ever two records share, such as moments, places and long texts.
  private var isSeldomShared: Bool {
    let most = IdentifierSigns.each(of: .seldomShared).map { tally.count($0) }.max() ?? 0
    return most * 2 >= tally.values
  }

  /// How many values tell people apart, as a part of a sentence.
  var singleText: String {
    let about = isExact ? "" : "about "
    if !isOfSingles, isOfFew {
      let unit = countsPeople ? "people have" : "records have"
      let (count, bound) = isSensitive ? (paired, 3) : (scarce, few)
      return "\(about)\(count) of \(values) values are such as fewer than \(bound) \(unit)"
    }
    return countsPeople
      ? "\(about)\(single) of \(values) values belong to one person alone"
      : "\(about)\(single) of \(values) values occur once"
  }

  /// What the values show, as a part of a sentence.
  var identifierText: String {
    let parts = identifiers.filter { showsPeople ? $0.isClear : true }.map { "\($0.count) hold \($0.kind)" }
    let within = if case .first(let records) = extent { " in the first \(records) records" } else { "" }
    return "of \(tally.values) values\(within), \(parts.joined(separator: ", "))"
  }

  /// What somebody who publishes should know of the field.
  var warnings: [String] {
    var found: [String] = []
    if !identifiers.isEmpty {
      found.append(
        "'\(name)' is said to name nobody, and \(identifierText)"
          + (showsPeople ? ": the export is personal data" : "")
          + "; if they may leave, say so with  class: direct  and  because: \"…\"")
    }
    if tellsApartUnsaid {
      found.append("'\(name)' tells people apart: \(singleText); whatever k is, the export is at most pseudonymous")
    }
    return found
  }
}

extension IdentifierSigns {
  /// Returns the single signs of a set.
  static func each(of signs: Self) -> [Self] {
    (0..<32).map { Self(rawValue: 1 << UInt32($0)) }.filter { signs.contains($0) }
  }
}
