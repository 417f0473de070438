import VeilConfig

/// The meaning of a column, as far as privacy depends on it.
enum ColumnRole: String, CaseIterable, Sendable {
  // Direct identifiers.
  case name, email, phone, fax, address, nationalID, medicalRecord, healthPlan, account, card, licence, vehicle, device,
    url, ip, biometric, photo, identifier, username
  // Quasi-identifiers.
  case birthDate, date, age, gender, postcode, city, county, state, country, coordinates, marital, education,
    occupation,
    nationality, language, household
  // Sensitive attributes.
  case health, income, ethnicity, religion, politics, sexuality, criminal, genetic
  // Roles that only the content shows.
  case freeText, constant, flag, category, number, text, token, empty

  var title: String {
    switch self {
    case .name: "name"
    case .email: "e-mail address"
    case .phone: "phone number"
    case .fax: "fax number"
    case .address: "street address"
    case .nationalID: "national id"
    case .medicalRecord: "medical record number"
    case .healthPlan: "health plan number"
    case .account: "account number"
    case .card: "payment card"
    case .licence: "licence or passport number"
    case .vehicle: "vehicle identifier"
    case .device: "device identifier"
    case .url: "web address"
    case .ip: "IP address"
    case .biometric: "biometric identifier"
    case .photo: "photograph"
    case .identifier: "identifier"
    case .username: "user name"
    case .birthDate: "birth date"
    case .date: "date"
    case .age: "age"
    case .gender: "gender"
    case .postcode: "postcode"
    case .city: "city"
    case .county: "county or district"
    case .state: "state or region"
    case .country: "country"
    case .coordinates: "coordinates"
    case .marital: "marital status"
    case .education: "education"
    case .occupation: "occupation"
    case .nationality: "nationality"
    case .language: "language"
    case .household: "household"
    case .health: "health"
    case .income: "income or wealth"
    case .ethnicity: "ethnicity"
    case .religion: "religion"
    case .politics: "political opinion"
    case .sexuality: "sex life or orientation"
    case .criminal: "criminal record"
    case .genetic: "genetic data"
    case .freeText: "free text"
    case .constant: "one value only"
    case .flag: "yes or no"
    case .category: "category"
    case .number: "number"
    case .text: "text"
    case .token: "token"
    case .empty: "empty"
    }
  }

  /// The letter in 45 CFR 164.514(b)(2)(i) (HIPAA's Safe Harbor) of the identifier that a column with this role is; nil
  /// if it is none. A state and a year may stay; an age over 89 may not.
  var safeHarbor: Character? {
    switch self {
    case .name: "A"
    case .address, .postcode, .city, .county, .coordinates: "B"
    case .birthDate, .date, .age: "C"
    case .phone: "D"
    case .fax: "E"
    case .email: "F"
    case .nationalID: "G"
    case .medicalRecord: "H"
    case .healthPlan: "I"
    case .account, .card: "J"
    case .licence: "K"
    case .vehicle: "L"
    case .device: "M"
    case .url: "N"
    case .ip: "O"
    case .biometric, .genetic: "P"
    case .photo: "Q"
    case .identifier, .username, .token: "R"
    default: nil
    }
  }

  /// The most characters of a value that are only a part of it, half of a short one: with more, few people are left whom
  /// it may be. Of a card's number ten may be shown (PCI DSS 4.0, requirement 3.4.1); without its check digit and the
  /// bank's it then is one of about 100,000.
  var mostOfAPart: Int {
    switch self {
    case .name: 2
    case .card: 10
    case .account: 8
    case .phone, .fax: 5
    case .ip, .device, .url: 6
    default: Self.usualPart
    }
  }

  /// The same where the role is not known.
  static let usualPart = 4

  static func safeHarborTitle(_ letter: Character) -> String {
    switch letter {
    case "A": "names"
    case "B": "geographic subdivisions smaller than a state"
    case "C": "dates (all but the year), ages over 89"
    case "D": "telephone numbers"
    case "E": "fax numbers"
    case "F": "e-mail addresses"
    case "G": "social security numbers"
    case "H": "medical record numbers"
    case "I": "health plan beneficiary numbers"
    case "J": "account numbers"
    case "K": "certificate and license numbers"
    case "L": "vehicle identifiers"
    case "M": "device identifiers"
    case "N": "web addresses"
    case "O": "IP addresses"
    case "P": "biometric identifiers"
    case "Q": "photographs"
    default: "any other unique number or code"
    }
  }

  /// The class that `veil init` proposes.
  var fieldClass: FieldClass {
    switch self {
    case .name, .email, .phone, .fax, .address, .nationalID, .medicalRecord, .healthPlan, .account, .card, .licence,
      .vehicle, .device, .url, .ip, .biometric, .photo, .identifier, .username, .token, .coordinates, .freeText, .text:
      .direct
    case .birthDate, .date, .age, .gender, .postcode, .city, .county, .state, .country, .marital, .education,
      .occupation, .nationality, .language, .household, .ethnicity, .flag, .category, .number:
      .quasi
    case .health, .income, .religion, .politics, .sexuality, .criminal, .genetic: .sensitive
    case .constant, .empty: .other
    }
  }

  /// Whether others are likely to know the value, so that it helps them to find a person. `veil profile` measures these
  /// columns together.
  var isKnownToOthers: Bool {
    switch self {
    case .birthDate, .age, .gender, .postcode, .city, .county, .state, .country, .marital, .education, .occupation,
      .nationality, .language, .household, .ethnicity:
      true
    default: false
    }
  }
}
