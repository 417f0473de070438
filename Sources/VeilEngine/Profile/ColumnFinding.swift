import VeilConfig
import VeilGround

/// What is known about one field after all its values were read: counts and shares only.
struct ColumnFinding: Sendable {
  /// The path as pipelines write it.
  let path: FieldPath
  let survey: ColumnSurvey
  let records: Int
  let role: ColumnRole
  /// The reasons for the role.
  let evidence: String
  /// The kind of national number that the values look like, if there is one.
  let nationalNumber: NationalNumber?
  /// Whether the name is a key of an object that maps somebody or something to values (`MapKeys`).
  var isMapKey = false

  /// The path for reports; a name that looks like somebody's value is not in it.
  var shownName: String { isMapKey ? ShownName.hidden : ShownName.text(path.description) }
  var isNameHidden: Bool { isMapKey || ShownName.isHidden(path.description) }
  var name: String { path.singleKey ?? path.description }
  var values: Int { survey.values }
  /// Returns whether this is a field of the other's object, or an element of its array.
  func isPart(of other: ColumnFinding) -> Bool {
    path.steps.count > other.path.steps.count && path.steps.starts(with: other.path.steps)
  }
  /// The number of records without a value; in JSON they may lack the field.
  var missing: Int { max(survey.nulls, isRepeated ? 0 : records - values) }
  /// Whether this is an element of an array: a record then has none, one or several values.
  var isRepeated: Bool { path.steps.contains(.elements) }
  /// The number of different values, exact or estimated.
  var distinct: Int {
    if isUnique { return values }
    return min(values, Int(survey.sample.distinct.rounded()))
  }
  var isDistinctExact: Bool { survey.sample.isExact || isUnique }
  /// Whether no counted value occurs twice.
  private var isUnique: Bool { values > 0 && uniqueShare == 1 }
  /// The share of values that occur once.
  var uniqueShare: Double {
    let sizes = survey.sample.sizes
    let total = sizes.reduce(0) { $0 + Double($1.size) * $1.classes }
    return total > 0 ? (sizes.first { $0.size == 1 }?.classes ?? 0) / total : 0
  }

  init(name: String, isCSV: Bool, survey: ColumnSurvey, records: Int) {
    let path = isCSV ? FieldPath(key: name) : (try? FieldPath(name)) ?? FieldPath(key: name)
    self.path = path
    self.survey = survey
    self.records = records
    let number = NationalNumber.allCases.filter { survey.values >= 20 && survey.count($0) * 10 >= survey.values * 9 }
      .max { survey.count($0) < survey.count($1) }
    nationalNumber = number
    (role, evidence) = Self.conclude(name, from: survey, number: number, records: records)
  }

  /// What most values look like, in one word.
  var type: String {
    func most(_ kind: ValueKind) -> Bool { values > 0 && survey.count(kind) * 100 >= values * 99 }
    if values == 0 { return "empty" }
    if most(.boolean) { return distinct <= 2 ? "boolean" : most(.integer) ? "integer" : "text" }
    if most(.integer) { return most(.paddedNumber) ? "digits" : "integer" }
    if survey.count(.integer) + survey.count(.decimal) >= values { return "decimal" }
    if most(.date) { return "date" }
    if survey.count(.date) + survey.count(.dateTime) >= values { return "date and time" }
    if most(.otherDate) { return "date, not ISO" }
    return "text"
  }

  // MARK: Concluding

  private static func conclude(
    _ name: String, from survey: ColumnSurvey, number: NationalNumber?, records: Int
  ) -> (ColumnRole, String) {
    let values = survey.values
    guard values > 0 else { return (.empty, "no value in any record") }
    func share(_ kind: ValueKind) -> Double { Double(survey.count(kind)) / Double(values) }
    func percent(_ kind: ValueKind) -> String { Share.percent(share(kind)) }
    let named = FieldNameGuess.role(of: name)
    let distinct = survey.sample.distinct
    let isFlag = distinct <= 2 && share(.boolean) >= 0.99

    // Content that can hardly be mistaken for something else comes first.
    // A web address may hold an e-mail address.
    if share(.url) >= 0.8 { return (.url, "\(percent(.url)) are web addresses") }
    if share(.email) >= 0.8 { return (.email, "\(percent(.email)) are e-mail addresses") }
    if share(.iban) >= 0.8 { return (.account, "\(percent(.iban)) are IBANs by their check digits") }
    if share(.uuid) >= 0.8 {
      return (named?.fieldClass == .direct ? named ?? .identifier : .identifier, "\(percent(.uuid)) are UUIDs")
    }
    if share(.mac) >= 0.8 { return (.device, "\(percent(.mac)) are MAC addresses") }
    if share(.ip) >= 0.8 { return (.ip, "\(percent(.ip)) are IP addresses") }
    if share(.vin) >= 0.9 { return (.vehicle, "\(percent(.vin)) are VINs by their check digit") }
    if share(.card) >= 0.9 { return (.card, "\(percent(.card)) are card numbers by Luhn's check digit") }
    if let number { return (.nationalID, "check digits or form of \(number.title)") }
    if share(.imei) >= 0.9 { return (.device, "\(percent(.imei)) are IMEIs by their check digit") }
    if share(.coordinates) >= 0.8 { return (.coordinates, "\(percent(.coordinates)) are pairs of coordinates") }

    // Frequent names of people are not places of birth, jobs or categories.
    if survey.wordShare(.personName) >= 0.5, named == nil || named?.fieldClass == .quasi && named?.isPlace == false {
      return (.name, "\(Share.percent(survey.wordShare(.personName))) have a frequent name of people")
    }

    // Then the name decides, unless the content contradicts it.
    let isDate = share(.date) + share(.dateTime) + share(.otherDate) >= 0.8
    if isFlag, named == .ethnicity { return (.ethnicity, "its name, and two values") }
    if isFlag, named?.fieldClass != .sensitive {
      return named == .gender ? (.gender, "its name") : (.flag, "two values")
    }
    switch named {
    case .date?, .birthDate?:
      if isDate || named == .birthDate { return (named ?? .date, isDate ? "its name and dates" : "its name") }
    case .age?:
      if share(.age) >= 0.8 || distinct <= 200 { return (.age, "its name") }
    case .identifier?:
      // The number of a child within a family has few values, and is nobody's own.
      let isOwn = distinct > CodeForm.fewCodes && FieldNameGuess.identifiesPerson(name)
      if isOwn || distinct * 2 >= Double(values) || CodeForm.evidence(survey) != nil {
        return (.identifier, "its name")
      }
    case .phone?, .ip?, .url?, .coordinates?, .name?, .address?, .device?, .vehicle?, .photo?, .biometric?, .username?,
      .licence?, .card?, .account?, .healthPlan?, .medicalRecord?, .nationalID?, .fax?, .email?:
      if !isDate, let named { return (named, "its name") }
    case .freeText?:
      if share(.words) + share(.freeText) >= 0.2 || distinct > 50 { return (.freeText, "its name") }
    case let named?: return (named, "its name")
    case nil: break
    }
    return byContent(survey, records: records, isDate: isDate)
  }

  private static func byContent(_ survey: ColumnSurvey, records: Int, isDate: Bool) -> (ColumnRole, String) {
    let values = survey.values
    func share(_ kind: ValueKind) -> Double { Double(survey.count(kind)) / Double(values) }
    let distinct = survey.sample.distinct
    if isDate { return (.date, "dates") }
    if share(.phone) >= 0.8, distinct * 10 >= Double(values) {
      return (.phone, "\(Share.percent(share(.phone))) are written as phone numbers are")
    }
    if share(.email) > 0 || share(.iban) > 0, share(.freeText) + share(.words) > 0.2 {
      return (.freeText, "words, with e-mail addresses or account numbers among them")
    }
    let names = survey.wordShare(.personName)
    if names >= (distinct > 20 ? 0.1 : 0.3) { return (.name, "\(Share.percent(names)) have a frequent name of people") }
    let streets = survey.wordShare(.street)
    if streets >= 0.3 { return (.address, "\(Share.percent(streets)) are a street with a number") }
    if let evidence = CodeForm.evidence(survey), distinct > 1 { return (.identifier, evidence) }
    if distinct > CodeForm.fewCodes, survey.wordShare(.code) >= 0.8 {
      return (.identifier, "\(Share.percent(survey.wordShare(.code))) are capitals and digits")
    }
    if distinct > CodeForm.fewCodes, share(.integer) >= 0.95, share(.paddedNumber) >= 0.5 {
      return (.identifier, "digits with leading zeros")
    }
    if let evidence = survey.row.evidence(survey) { return (.identifier, evidence) }
    if distinct <= 1, values == records { return (.constant, "one value in every record") }
    if share(.freeText) >= 0.1 || Double(survey.scalars) / Double(values) > 40 { return (.freeText, "long texts") }
    let sample = survey.sample
    let singles = sample.entries.lazy.filter { $0.count == 1 }.count
    if let evidence = CodeForm.measure(survey) { return (.text, evidence) }
    let isMeasured = share(.integer) >= 0.95 && CodeForm.isMeasured(survey)
    if !isMeasured, values >= 20, singles * 10 >= sample.size * 9, distinct * 10 >= Double(values) * 9,
      share(.decimal) < 0.5
    {
      return (.identifier, "nearly every value occurs once")
    }
    if share(.integer) + share(.decimal) >= 0.95, share(.paddedNumber) < 0.05, distinct > 20 {
      return (.number, "numbers")
    }
    // People are called by several words, and so are categories; nobody knows which until somebody looks.
    if share(.words) >= 0.5, distinct > 5 { return (.text, "several words each") }
    let isOfNumbers = share(.integer) + share(.decimal) >= 0.95
    if distinct * 4 <= Double(values) {
      if distinct <= (isOfNumbers ? 200 : 20) { return (.category, "few different values") }
      // Names and places repeat where people have several records.
      return (.text, "words that repeat, and too many to be a few groups")
    }
    return (.text, "many different values")
  }
}

extension ColumnRole {
  /// Whether the values are names of places, which people are called like, too.
  fileprivate var isPlace: Bool {
    switch self {
    case .city, .county, .state, .country: true
    default: false
    }
  }
}

/// Shares and counts in the form for reports.
extension Share {
  static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    if tenths == 0, share > 0 { return "under 0.1 %" }
    if tenths == 100, share < 1 { return "over 99.9 %" }
    return tenths == tenths.rounded() ? "\(Int(tenths)) %" : "\(tenths) %"
  }
}
