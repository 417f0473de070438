import VeilConfig

extension CompiledField {
  /// How much of the field's values the export contains; nil if the field does not leave.
  var fate: ValueFate? {
    if isDropped { return nil }
    if quasiIndex != nil, config.hierarchy != nil { return .generalized }
    if isAveraged { return .averaged }
    return stages.map(\.fate).max() ?? .readable
  }

  /// Whether the export contains everything that a value says: the field is kept, or its stages only change the
  /// spelling.
  var isReadable: Bool { fate?.isReadable ?? false }

  /// How a readable field leaves, as a part of a message.
  var howItLeaves: String { fate == .normalized ? "is only normalized" : "leaves as it came" }

  /// Whether the field's name is typical for a person's name or id, such as `customer_id`.
  var soundsLikeOnePerson: Bool {
    let name = config.path.description
    switch FieldNameGuess.role(of: name) {
    // `product.name` is not the name of a person.
    case .name: return config.path.singleKey != nil
    case .identifier: return FieldNameGuess.namesPerson(name)
    default: return false
    }
  }

  /// Returns whether the values name a person by themselves, according to the field's class, its role in the pipeline
  /// or its name.
  func namesPerson(_ pipeline: PipelineConfig) -> Bool {
    config.fieldClass == .direct || config.path == pipeline.source.subject || FieldHint(config.path) == .direct
  }
}

/// What the name of a field suggests about its values. It is used only to warn, or to give an export a weaker label.
enum FieldHint: Sendable {
  /// The value names one person by itself.
  case direct
  case birthDate, moment, postcode, place, address

  init?(_ path: FieldPath) {
    let last = path.steps.reversed().lazy.compactMap { step -> String? in
      if case .key(let name) = step { name } else { nil }
    }.first
    guard let name = last else { return nil }
    let words = Self.words(name)
    let joined = words.joined()
    func has(_ known: String...) -> Bool { known.contains { words.contains($0) || joined == $0 } }
    if has("email", "mail", "phone", "telephone", "mobile", "fax", "iban", "ssn", "passport", "fullname", "firstname")
      || has("lastname", "surname", "forename", "nationalid", "taxid", "creditcard", "cardnumber", "username", "nino")
    {
      self = words.contains("domain") ? .address : .direct
    } else if has("birth", "birthdate", "birthday", "dob", "born") {
      self = .birthDate
    } else if has("postcode", "zip", "zipcode", "plz", "postal", "postalcode") {
      self = .postcode
    } else if has("lat", "lon", "lng", "latitude", "longitude", "geo", "coordinates", "gps", "location") {
      self = .place
    } else if has("ip", "ipaddress", "street", "address") {
      self = .address
    } else if has("timestamp", "datetime", "time", "created", "updated") || words.last == "at" || words.last == "seen" {
      self = .moment
    } else {
      return nil
    }
  }

  /// Splits a name into words: `birthDate`, `birth_date` and `birth-date` are the same two words.
  private static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var wasSmall = false
    for character in name {
      if !character.isLetter && !character.isNumber {
        if !word.isEmpty { words.append(word) }
        (word, wasSmall) = ("", false)
        continue
      }
      if character.isUppercase && wasSmall {
        words.append(word)
        word = ""
      }
      word += character.lowercased()
      wasSmall = character.isLowercase
    }
    if !word.isEmpty { words.append(word) }
    return words
  }
}
