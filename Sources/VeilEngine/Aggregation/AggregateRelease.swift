import VeilConfig
import VeilGround

/// The figures that may be published: the exact figures with noise, without the groups that have too few people.
struct AggregateRelease {
  /// The names of the groups and measures.
  let header: [String]
  /// The rows, sorted by the bytes of the groups. This order says nothing about the order of the input.
  let rows: [(group: [[UInt8]], figures: [[UInt8]])]

  init(
    _ table: AggregateTable, groups: [[[UInt8]]], by: [String], measures: [AggregateMeasure], noise: NoisePlan,
    bits: inout some RandomBits
  ) {
    header = by + measures.map(\.name)
    var rows: [(group: [[UInt8]], figures: [[UInt8]])] = []
    let countsPeople = measures.firstIndex(where: \.isPerPerson)
    for (index, row) in table.rows.enumerated() {
      let figures = zip(row.figures, noise.measures).map { $0 + Int128($1.draw(&bits)) }
      if let threshold = noise.threshold {
        let people: Int128
        if let countsPeople {
          people = figures[countsPeople]
        } else if let selection = noise.selection {
          people = Int128(row.people) + Int128(selection.draw(&bits))
        } else {
          continue
        }
        if people < Int128(threshold) { continue }
      }
      rows.append((groups[index], zip(measures, figures).map { $0.text($1) }))
    }
    rows.sort { first, second in
      for (left, right) in zip(first.group, second.group) where left != right {
        return left.lexicographicallyPrecedes(right)
      }
      return false
    }
    self.rows = rows
  }

  // MARK: Writing

  /// Writes the rows to `out` in `format`.
  /// - Parameter guardsFormulas: whether a name that a spreadsheet would take for a formula is turned into text.
  func write(
    _ format: DataFormat, csv: CSVFormat, header hasHeader: Bool, guardsFormulas: Bool = false,
    into out: inout ByteBuffer
  ) {
    switch format {
    case .csv, .tsv:
      func guarded(_ texts: [[UInt8]]) -> [[UInt8]] {
        texts.map { guardsFormulas && FormulaGuard.applies(to: $0) ? [FormulaGuard.mark] + $0 : $0 }
      }
      if hasHeader { Self.append(guarded(header.map { Array($0.utf8) }), csv, into: &out) }
      for row in rows { Self.append(guarded(row.group) + row.figures, csv, into: &out) }
    case .ndjson:
      for row in rows {
        append(row, into: &out)
        out.append("\n")
      }
    case .json:
      out.append("[")
      for (index, row) in rows.enumerated() {
        out.append(index == 0 ? "\n" : ",\n")
        append(row, into: &out)
      }
      out.append("\n]\n")
    }
  }

  private static func append(_ cells: [[UInt8]], _ csv: CSVFormat, into out: inout ByteBuffer) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { out.append(csv.delimiter) }
      let needsQuotes = cell.contains { $0 == csv.delimiter || $0 == csv.quote || $0 == 0x0A || $0 == 0x0D }
      // At the front of a file, U+FEFF without quotes would be taken for a byte order mark.
      let isMarked = index == 0 && UTF8Mark.length(in: cell) > 0
      if needsQuotes || isMarked || (cell.isEmpty && cells.count == 1) {
        out.append(csv.quote)
        for byte in cell {
          if byte == csv.quote { out.append(byte) }
          out.append(byte)
        }
        out.append(csv.quote)
      } else {
        out.append(cell)
      }
    }
    out.append("\n")
  }

  /// Appends a row: groups as text, figures as numbers.
  private func append(_ row: (group: [[UInt8]], figures: [[UInt8]]), into out: inout ByteBuffer) {
    out.append("{")
    for (index, cell) in (row.group + row.figures).enumerated() {
      if index > 0 { out.append(",") }
      out.append(Array(JSONValue.quoted(header[index]).utf8))
      out.append(":")
      let isFigure = index >= row.group.count
      out.append(isFigure ? cell : Array(JSONValue.quoted(String(decoding: cell, as: UTF8.self)).utf8))
    }
    out.append("}")
  }
}
