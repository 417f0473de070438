/// What the name of a field says about its content. It knows English words, and the words that German, French, Spanish
/// and Italian exports use.
enum FieldNameGuess {
  /// Returns the role of the first rule that the name matches; the rules below are sorted from specific to general. Of
  /// a path, only the last part counts.
  static func role(of path: String) -> ColumnRole? {
    let words = words(path)
    let joined = words.joined()
    // Every run asks this for every field, so a name that begins like no rule's word is skipped at once.
    let starts = words.compactMap(\.utf8.first)
    for rule in rules {
      for pattern in rule.patterns
      where starts.contains(start(of: pattern)) && matches(pattern, words: words, joined: joined) {
        return rule.role
      }
    }
    return nil
  }

  /// Returns whether the name says that there is one such value for each person.
  static func namesPerson(_ path: String) -> Bool {
    let words = words(path)
    let people: Set<String> = [
      "customer", "client", "user", "person", "patient", "member", "subject", "employee", "citizen", "account",
      "participant",
      "student", "kunde", "kunden", "nutzer", "patienten", "cliente", "usuario",
    ]
    return words == ["id"] || words == ["uid"] || words.contains { people.contains($0) }
  }

  /// Splits a name into words: `customerID`, `customer-id` and `CUSTOMER_ID` are the same two words. The letters become
  /// lowercase, and digits at the end are removed.
  static func words(_ path: String) -> [String] {
    var words: [String] = []
    var word = ""
    var wasSmall = false
    let name = path.split(separator: ".").last.map(String.init) ?? path
    for scalar in name.unicodeScalars {
      let isLetter = scalar.properties.isAlphabetic
      let isLarge = isLetter && scalar.properties.isUppercase
      if !isLetter || (isLarge && wasSmall) {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if isLetter { word += scalar.properties.lowercaseMapping }
      wasSmall = isLetter && !isLarge
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  /// Returns the first byte of a pattern's first word.
  private static func start(of pattern: String) -> UInt8 {
    pattern.utf8.first { $0 != UInt8(ascii: "=") } ?? 0
  }

  /// Returns whether the name matches a pattern: one word, several words in a row (`birth date`), or `=name` for the
  /// whole name.
  private static func matches(_ pattern: String, words: [String], joined: String) -> Bool {
    // Nothing is allocated unless the pattern has several words.
    let bytes = pattern.utf8
    let blank = UInt8(ascii: " ")
    if bytes.first == UInt8(ascii: "=") { return joined.utf8.elementsEqual(bytes.dropFirst()) }
    if !bytes.contains(blank) { return words.contains(pattern) || joined == pattern }
    let whole = bytes.lazy.filter { $0 != blank }
    if joined.utf8.elementsEqual(whole) || words.contains(where: { $0.utf8.elementsEqual(whole) }) { return true }
    guard words.count > 1 else { return false }
    let wanted = bytes.split(separator: blank)
    guard words.count >= wanted.count else { return false }
    return (0...words.count - wanted.count).contains { start in
      zip(words[start...], wanted).allSatisfy { $0.utf8.elementsEqual($1) }
    }
  }

  private static let rules: [(role: ColumnRole, patterns: [String])] = [
    (.email, ["email", "e mail", "mail", "courriel", "correo"]),
    (.fax, ["fax", "telefax"]),
    (
      .phone,
      [
        "phone", "telephone", "tel", "mobile", "cell", "cellphone", "msisdn", "telefon", "handy", "telefono",
        "rufnummer",
      ]
    ),
    (.ip, ["ip", "ip address", "ipaddr", "ipv", "remote addr"]),
    (
      .birthDate,
      [
        "birth date", "date of birth", "dob", "birthday", "birth", "geburtsdatum", "geburtstag", "naissance",
        "nacimiento", "born",
      ]
    ),
    (
      .nationalID,
      [
        "ssn", "social security", "national id", "nationalid", "nin", "nino", "dni", "nie", "cpf", "pesel", "bsn",
        "nir", "aadhaar", "sin",
        "personnummer", "hetu", "steuer id", "steueridentifikationsnummer", "tax id", "taxid", "codice fiscale",
        "insee", "nhs number",
        "sozialversicherungsnummer",
      ]
    ),
    (
      .medicalRecord,
      [
        "mrn", "medical record", "patient number", "chart number", "encounter id", "case number", "fallnummer",
        "patientennummer",
      ]
    ),
    (
      .healthPlan,
      [
        "health plan", "beneficiary", "insurance number", "policy number", "member number", "versichertennummer",
        "medicare", "medicaid",
      ]
    ),
    (.card, ["card number", "credit card", "cc number", "pan", "cardno", "kreditkarte"]),
    (
      .account,
      [
        "iban", "bic", "account number", "accountno", "bank account", "kontonummer", "konto", "sort code",
        "routing number",
      ]
    ),
    (
      .licence,
      [
        "license number", "licence number", "driver license", "driving licence", "passport", "reisepass",
        "fuehrerschein", "certificate number", "personalausweis",
      ]
    ),
    (
      .vehicle,
      ["vin", "license plate", "licence plate", "number plate", "plate", "kennzeichen", "matricula", "immatriculation"]
    ),
    (
      .device,
      [
        "imei", "imsi", "mac", "mac address", "device id", "serial number", "udid", "idfa", "advertising id",
        "device serial",
      ]
    ),
    (.biometric, ["fingerprint", "retina", "iris", "voiceprint", "face id", "biometric"]),
    (.photo, ["photo", "picture", "avatar", "portrait", "foto", "image"]),
    (.genetic, ["genome", "genotype", "dna", "snp", "mutation"]),
    (.username, ["username", "user name", "login", "nickname", "screen name", "handle", "twitter", "skype"]),
    (
      .name,
      [
        "first name", "last name", "full name", "surname", "given name", "family name", "middle name", "maiden name",
        "display name", "forename",
        "=name", "=names", "customer name", "client name", "person name", "patient name", "contact name", "vorname",
        "nachname", "familienname",
        "prenom", "nombre", "apellido", "apellidos", "cognome", "nome", "mother name", "father name", "initials",
      ]
    ),
    (.url, ["url", "website", "homepage", "link", "uri", "web"]),
    (
      .postcode,
      [
        "postcode", "postal code", "zip", "zip code", "zipcode", "plz", "postleitzahl", "code postal", "codigo postal",
        "cap",
      ]
    ),
    (.coordinates, ["latitude", "longitude", "lat", "lon", "lng", "coordinates", "geo", "gps", "geohash"]),
    (
      .address,
      [
        "street", "address", "addr", "strasse", "straße", "hausnummer", "house number", "rue", "calle", "via",
        "anschrift", "adresse",
      ]
    ),
    (
      .city,
      [
        "city", "town", "municipality", "village", "ort", "stadt", "wohnort", "ville", "ciudad", "gemeinde",
        "birthplace", "place of birth", "location",
      ]
    ),
    (
      .county,
      [
        "county", "district", "landkreis", "bezirk", "departement", "precinct", "neighbourhood", "neighborhood", "ward",
        "census tract",
      ]
    ),
    (
      .nationality,
      ["nationality", "citizenship", "staatsangehoerigkeit", "native country", "country of birth", "birth country"]
    ),
    (.country, ["country", "land", "pays", "pais", "nation"]),
    (.state, ["=state", "region", "province", "bundesland", "kanton", "provincia", "state code"]),
    (.age, ["age", "alter", "edad", "age years", "age group"]),
    (.gender, ["gender", "sex", "geschlecht", "sexe", "sexo", "sesso"]),
    (.marital, ["marital", "marital status", "civil status", "familienstand", "married"]),
    (.education, ["education", "degree", "schooling", "bildung", "qualification", "education num"]),
    (
      .occupation,
      ["occupation", "job", "job title", "profession", "beruf", "employer", "workclass", "industry", "position"]
    ),
    (.language, ["language", "sprache", "locale", "mother tongue"]),
    (
      .household,
      ["household", "household size", "children", "dependents", "number of children", "relationship", "kinder"]
    ),
    (.ethnicity, ["race", "ethnicity", "ethnic", "ethnie"]),
    (.religion, ["religion", "denomination", "faith", "konfession"]),
    (.politics, ["party", "political", "vote", "union", "trade union", "gewerkschaft"]),
    (.sexuality, ["orientation", "sexual orientation", "sexuality"]),
    (.criminal, ["criminal", "conviction", "offence", "offense", "arrest"]),
    (
      .health,
      [
        "diagnosis", "diagnose", "disease", "illness", "icd", "medication", "drug", "treatment", "symptom", "allergy",
        "disability", "blood type",
        "blood group", "smoker", "bmi", "hiv", "condition", "krankheit", "lab result", "procedure", "therapy",
        "diagnostic",
      ]
    ),
    (
      .income,
      [
        "income", "salary", "wage", "wages", "salary class", "earnings", "gehalt", "einkommen", "salaire", "salario",
        "net worth", "credit score",
        "balance", "debt", "revenu", "pay",
      ]
    ),
    (
      .freeText,
      [
        "note", "notes", "comment", "comments", "remark", "remarks", "description", "message", "bemerkung", "notiz",
        "freitext", "feedback", "bio",
      ]
    ),
    (
      .date,
      [
        "date", "datum", "timestamp", "time", "fecha", "admission", "discharge", "death", "last seen", "created",
        "updated",
      ]
    ),
    (
      .identifier,
      ["id", "uid", "uuid", "guid", "identifier", "key", "reference", "ref", "nummer", "kundennummer", "token"]
    ),
  ]
}
