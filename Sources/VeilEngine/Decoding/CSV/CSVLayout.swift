/// Says what a CSV decoder does with each field of a record.
struct CSVLayout: Sendable {
  enum Use: Equatable, Sendable {
    /// The field is not used.
    case skip
    /// The value of the field goes to a column.
    case value(column: Int)
    /// The field is copied unchanged, together with its neighbours. It is the first, a middle or the last field of a
    /// run.
    case runStart, runMiddle
    case runEnd(column: Int)
    /// The field is a run of its own.
    case run(column: Int)
  }

  /// One use for each field of the input, in order.
  var uses: [Use]
  /// Whether an unquoted cell may be copied to the output unchanged.
  var unquotedIsPlain: Bool
  /// The names in the file's header. A record that repeats them is bad. Empty if the file has no header.
  var header: [String] = []

  /// Takes the value of every field to a column, in the fields' order.
  static func values(_ count: Int, header: [String] = []) -> CSVLayout {
    CSVLayout(uses: (0..<count).map { .value(column: $0) }, unquotedIsPlain: false, header: header)
  }
}
