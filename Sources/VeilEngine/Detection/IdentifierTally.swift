import VeilGround

/// How many values of a field have each sign of an identifier, and what that says of the field.
struct IdentifierTally: Sendable, Equatable {
  /// One for each bit of `IdentifierSigns`.
  private var counts = [Int](repeating: 0, count: 32)
  /// How many values were looked at.
  private(set) var values = 0

  mutating func add(_ signs: IdentifierSigns, times: Int = 1) {
    values += times
    var rest = signs.rawValue
    while rest != 0 {
      counts[rest.trailingZeroBitCount] += times
      rest &= rest &- 1
    }
  }

  func count(_ sign: IdentifierSigns) -> Int { counts[sign.rawValue.trailingZeroBitCount] }

  /// What was found in a field.
  struct Finding: Sendable, Equatable {
    /// With an article, such as `an e-mail address`.
    let kind: String
    let count: Int
    /// Whether so many values have it that the field as a whole names people.
    let isClear: Bool
  }

  /// From this share on, values that hold an identifier for certain make a field one that names people: 1 in 20.
  private static let clearShare = 20

  /// Returns the kinds of identifiers that the values show.
  ///
  /// A certain sign counts in a single value. A check digit must be met by at least three values and by half of all; a form
  /// that other numbers have, too (an IP address, digits with a leading zero), by three and four fifths.
  /// A person's full name, which no form makes sure of, must be in three values and in one of twenty. A member that is called
  /// like what names a person is one in any number of values, as a field of that name would be.
  /// - Parameter distinct: The number of different values.
  func findings(distinct: Int) -> [Finding] {
    var found: [Finding] = []
    func certain(_ sign: IdentifierSigns) -> Int { count(sign) }
    func byCheckDigit(_ sign: IdentifierSigns) -> Int {
      count(sign) >= 3 && count(sign) * 2 >= values ? count(sign) : 0
    }
    func byForm(_ sign: IdentifierSigns) -> Int {
      count(sign) >= 3 && count(sign) * 5 >= values * 4 ? count(sign) : 0
    }
    func note(_ kind: String, _ count: Int, isLikely: Bool = false) {
      guard count > 0 else { return }
      found.append(Finding(kind: kind, count: count, isClear: isLikely || count * Self.clearShare >= values))
    }
    note("an e-mail address", certain(.email))
    let phones = distinct * 10 >= values ? byForm(.phone) : 0
    note("a phone number", max(certain(.dialled), phones), isLikely: phones > 0)
    note("an IBAN", certain(.iban))
    let cards = byCheckDigit(.card)
    note("a card number", max(certain(.groupedCard), cards), isLikely: cards > 0)
    note("a MAC address", certain(.mac))
    let names = count(.fullName)
    if names >= 3, names * Self.clearShare >= values { note("a person's full name", names) }
    note("a member that is called like what names a person", count(.namedMember), isLikely: true)
    note("an IP address", byForm(.ip), isLikely: true)
    note("a VIN", byCheckDigit(.vin), isLikely: true)
    note("an IMEI", byCheckDigit(.imei), isLikely: true)
    // Several schemes may have the same length.
    let national = NationalNumber.allCases.max { count(.national($0)) < count(.national($1)) }
    if let national { note(national.article, byCheckDigit(.national(national)), isLikely: true) }
    return found
  }
}

extension NationalNumber {
  /// The scheme's name with an article.
  fileprivate var article: String {
    switch self {
    case .italy, .india, .unitedKingdom: "an \(title)"
    default: "a \(title)"
    }
  }
}
