import CScan

/// The reason why a record is bad.
enum JSONProblem: UInt32 {
  // The problems that the scanner in C reports, with its numbers.
  case value = 1
  case number, control, escape, surrogate, depth, comma, name, colon
  // The problems that the decoder reports.
  case cutOff = 32
  case utf8, notObject, trailing, missing, long

  var reason: FailureReason {
    switch self {
    case .value: FailureReason("a value is missing or malformed", .syntax)
    case .number: FailureReason("a number is malformed", .syntax)
    case .control: FailureReason("a string holds a control character", .syntax)
    case .escape: FailureReason("a string holds a malformed escape", .syntax)
    case .surrogate: FailureReason("a string holds half of a surrogate pair", .encoding)
    case .depth: FailureReason("objects and arrays stand more than 512 deep in each other", .shape)
    case .comma: FailureReason("a comma or closing bracket is missing", .syntax)
    case .name: FailureReason("a field's name is missing or malformed", .syntax)
    case .colon: FailureReason("a colon is missing", .syntax)
    case .cutOff: FailureReason("the record is cut off", .syntax)
    case .utf8: FailureReason("holds bytes that are not UTF-8", .encoding)
    case .notObject: FailureReason("the record is not an object", .shape)
    case .trailing: FailureReason("something follows the record's object", .syntax)
    case .missing: FailureReason("a record is missing between commas", .missing)
    case .long: FailureReason("the record is too long", .length)
    }
  }

  /// Whether the problem may also mean that the record ends too early.
  var isSyntax: Bool {
    switch self {
    case .value, .number, .control, .escape, .comma, .name, .colon: true
    default: false
    }
  }
}
