/// What is left of a value behind a stage, for whoever reads the export: from all of it to nothing. Of stages in a row
/// the one that leaves least decides.
enum ValueFate: Int, Comparable, Sendable {
  /// As it came.
  case readable
  /// All that tells it from other values may be left, in one spelling: a phone number's digits are the number.
  case normalized
  /// Part of it.
  case coarser
  /// A date, moved with all others of its person.
  case moved
  /// A token that anybody can make from a guess.
  case guessable
  /// One token a value, which nobody turns back but by guessing with the key.
  case token
  /// One token a value, which the key turns back.
  case reversible
  /// Another token each time, which the key turns back.
  case sealed
  /// The mean of a group of people (`microaggregation`).
  case averaged
  /// One of the labels that `anonymity` decides on.
  case generalized
  /// Nothing, or that it is there.
  case nothing

  /// As manifests and explanations call it.
  var name: String {
    switch self {
    case .readable: "kept"
    case .normalized: "normalized"
    case .coarser: "made coarser"
    case .moved: "moved"
    case .guessable: "hashed without a key"
    case .token: "pseudonymized"
    case .reversible: "encrypted, the same each time"
    case .sealed: "encrypted"
    case .averaged: "averaged"
    case .generalized: "generalized"
    case .nothing: "replaced by a constant"
    }
  }

  /// Whether whoever gets the export may read the whole value.
  var isReadable: Bool { self <= .normalized }

  /// Whether records of one person can be followed by it.
  var isLinkable: Bool {
    switch self {
    case .moved, .guessable, .token, .reversible: true
    default: false
    }
  }

  static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
