/// The sensitive values of a batch that models look at, as they will be published. Belongs to one thread.
///
/// A value is a byte that says what kind it is and its text, in the form that tells published ones apart; one that is
/// empty, null or not there is missing, and is no byte at all. Several in one record are one value together.
struct SensitiveReader {
  private let columns: [Int]
  private let form: PublishedForm
  private(set) var values: [[[UInt8]]] = []

  init(columns: [Int], form: PublishedForm = PublishedForm()) {
    self.columns = columns
    self.form = form
    values = columns.map { _ in [] }
  }

  var isEmpty: Bool { columns.isEmpty }

  /// Reads the values of live records. To be called when stages have rewritten them.
  mutating func read(_ batch: Batch) {
    for (place, number) in columns.enumerated() { values[place] = form.values(of: number, in: batch) }
  }
}
