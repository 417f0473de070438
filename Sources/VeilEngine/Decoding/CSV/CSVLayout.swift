/// What a CSV decoder does with each field of a record.
struct CSVLayout: Sendable {
  enum Use: Equatable, Sendable {
    /// Nobody looks at it.
    case skip
    /// Its value goes to a column.
    case value(column: Int)
    /// It is copied as it stands, together with its neighbours: the first, a middle or the last field of a run.
    case runStart, runMiddle
    case runEnd(column: Int)
    /// A run of one field.
    case run(column: Int)
  }

  /// One for each field of the input, in order.
  var uses: [Use]
  /// Whether an unquoted cell may be copied to the output as it is.
  var unquotedIsPlain: Bool
}
