/// How much of a value a reader of the export still learns after a stage, from all of it to nothing. Of several stages
/// in a row, the one that leaves the least decides.
enum ValueFate: Int, Comparable, Sendable {
  /// As it came.
  case readable
  /// All that tells it from other values may be left, in one spelling: a phone number's digits are the number.
  case normalized
  /// A part of most values, and the whole of some: whoever reads one of those may know it.
  case sometimesWhole
  /// A part of the value. Each value that leaves may have been made of several.
  case coarser
  /// A date that was moved together with all others of the same person.
  case moved
  /// A token that anybody can compute from a guess of the value.
  case guessable
  /// One token for each value. Nobody can reverse it, except by guessing values with the key.
  case token
  /// One token for each value, which the key reverses.
  case reversible
  /// A different token each time, which the key reverses.
  case sealed
  /// The mean of a group of people (`microaggregation`).
  case averaged
  /// One of the labels that `anonymity` chooses.
  case generalized
  /// Nothing, or only that there is a value.
  case nothing

  /// The name in manifests and explanations.
  var name: String {
    switch self {
    case .readable: "kept"
    case .normalized: "normalized"
    case .sometimesWhole: "made coarser, some values whole"
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

  /// Whether a part of the value is left: at least a part, where some values are left whole.
  var isPart: Bool { self == .sometimesWhole || self == .coarser }

  /// Whether it lets a reader link the records of one person.
  var isLinkable: Bool {
    switch self {
    case .moved, .guessable, .token, .reversible: true
    default: false
    }
  }

  static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
