import VeilConfig
public import VeilGround

/// Reads the tokens of one column of a CSV file, in order, without empty cells.
public enum TokenColumn {
  /// Returns each token with the number of its record, from 1. Throws if the file cannot be read whole.
  public static func read(_ path: String, column name: String) throws(RunError) -> [(record: Int, token: [UInt8])] {
    do { return try tokens(path, name) } catch { throw RunError(any: error) }
  }

  private static func tokens(_ path: String, _ name: String) throws -> [(record: Int, token: [UInt8])] {
    let file = try InputFile(path: path, isHashed: false)
    // Whatever its name says, the file is read as lines with delimiters.
    let form = TableForm(DataFormat(fileName: path) == .tsv ? .tsv : .csv)
    let table = try TableReader(file, form, name: path)
    let names = table.header
    guard let place = names.firstIndex(of: name) else {
      let near = Diagnostics.nearest(name, in: names).map { ": did you mean '\($0)'?" } ?? ""
      throw RunError(.mismatch, "\(path): there is no column '\(name)'\(near)")
    }
    var uses = [CSVLayout.Use](repeating: .skip, count: names.count)
    uses[place] = .value(column: 0)
    let (decoder, batch) = form.decoding(CSVLayout(uses: uses, unquotedIsPlain: false), columns: 1)
    var found: [(record: Int, token: [UInt8])] = []
    let chunk = Chunk()
    var before = 0
    while try table.chunks.next(into: chunk) {
      unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
      decoder.decode(chunk, into: batch)
      if let failure = batch.failures.min(by: { $0.record < $1.record }) {
        throw RunError(.inputOutput, "\(path): record \(before + failure.record + 1): \(failure.reason.text)")
      }
      let column = batch.columns[0]
      column.unescape(batch.escapes)
      for index in 0..<column.cells.count where !column.cells[index].isNull {
        let cell = column.cells[index]
        // Sound: a cell lies within its column's bytes.
        let bytes = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
        found.append((before + index + 1, unsafe Array(bytes)))
      }
      before += batch.recordCount
    }
    return found
  }
}
