extension Column {
  /// Returns whether a cell of the subject's column says whose its record is. A null, an empty text, an object or array, and one
  /// of several values in a record do not: whose such a record is, or one without a value, is not known, and all of them are one
  /// and the same unknown person's. This is the one rule for it, in every command that counts people.
  @inline(__always)
  func tellsWhose(_ index: Int) -> Bool {
    let cell = cells[index]
    guard !cell.isNull, cell.count > 0, !cell.has(.composite) else { return false }
    guard hasRows else { return true }
    return (index == 0 || rows[index - 1] != rows[index])
      && (index + 1 == cells.count || rows[index + 1] != rows[index])
  }
}
