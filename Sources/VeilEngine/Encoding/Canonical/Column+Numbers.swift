extension Column {
  /// Writes the JSON numbers among the values in one form, as records leave under anonymity: `41.0` and `41` are one value
  /// of a quasi-identifier, and neither has a label that tells how it was typed. A number that has no form stays as it is.
  ///
  /// Sound: each cell lies within the bytes of the column, which are alive until they are rewritten, and `rewrite` gives
  /// the old ones to its body.
  func writeNumbersInOneForm() {
    let isTyped = (0..<cells.count).contains { index in
      unsafe cells[index].has(.literal)
        && !CanonicalNumber.isCanonical(base + cells[index].offset, cells[index].count)
    }
    guard isTyped else { return }
    unsafe rewrite { cells, base, out in
      for index in 0..<cells.count {
        let cell = cells[index]
        if cell.isNull { continue }
        let start = out.count
        let isWritten =
          cell.has(.literal) ? unsafe CanonicalNumber.append(base + cell.offset, count: cell.count, to: &out) : false
        if !isWritten { unsafe out.append(base + cell.offset, count: cell.count) }
        cells[index] = Cell(start: start, count: out.count - start, flags: cell.flags.subtracting(.quoted))
      }
    }
  }
}
