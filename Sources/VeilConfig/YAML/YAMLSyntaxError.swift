/// The message and the places that libyaml gives for text that is not YAML.
struct YAMLSyntaxError: Error {
  var problem: String
  var context: String?
  var mark: Mark
  var contextMark: Mark?

  /// The same message in words for the author of a pipeline, with the place to look at.
  var told: (mark: Mark, message: String, help: String?) {
    switch problem {
    case "mapping values are not allowed in this context":
      return (mark, "a ':' is not allowed here", "check the indentation, or put text that holds ': ' in quotes")
    case "found character that cannot start any token":
      return (
        mark, "this character cannot begin a value",
        "indent with spaces, not tabs; put text that begins with @, ` or % in quotes"
      )
    case "found undefined tag handle":
      return (mark, "tags ('!name') are not allowed in a pipeline", nil)
    case "found unexpected end of stream" where context == "while scanning a quoted scalar":
      return (contextMark ?? mark, "the quote that begins here is not closed", nil)
    case "did not find expected key", "could not find expected ':'":
      return (mark, "expected a key and ':' here\(begun)", "check the indentation and the lines before")
    case "found unexpected ':'":
      return (mark, "this ':' needs a space behind it, or quotes around the text it is part of", nil)
    case "did not find expected ',' or ']'":
      return (mark, "expected ',' or ']' here\(begun)", nil)
    case "did not find expected ',' or '}'":
      return (mark, "expected ',' or '}' here\(begun)", nil)
    case "did not find expected '-' indicator":
      return (mark, "expected '- ' and the next item here\(begun)", "check the indentation")
    default:
      return (mark, "this is not valid YAML: \(problem)", nil)
    }
  }

  /// The part that the error belongs to, if it begins elsewhere.
  private var begun: String {
    guard let context, let start = contextMark, start != mark else { return "" }
    let what = context.contains("sequence") || context.contains("collection") ? "list" : "mapping"
    return context.contains("key") ? "" : ", in the \(what) that begins on line \(start.line)"
  }
}
