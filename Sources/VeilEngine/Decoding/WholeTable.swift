import VeilConfig
import VeilGround

/// Reads a file of records whole without a pipeline. Its fields are those of the header, or those that JSON records have
/// at their top: each is added when it is met.
struct WholeTable {
  let path: String
  /// The fields so far, in the order of the batch's columns.
  private(set) var fields: [FieldPath]
  /// Whether some records have fields whose names may not be shown. These fields are left out.
  private(set) var hasHiddenFields = false
  private let table: TableReader
  var format: DataFormat { table.form.format }

  /// Opens the file and reads its header.
  /// - Parameters:
  ///   - format: the format, if it is not told by the file's name.
  ///   - paths: fields of JSON that are known to be there, also those within objects.
  ///   - readHeader: reads the names of a file with delimiters.
  init(
    _ path: String, format: DataFormat?, csv: CSVDialect = CSVDialect(), encoding: TextEncoding? = nil,
    paths: [FieldPath] = [], readHeader: (TableForm, ChunkReader) throws -> [String]
  ) throws {
    try EncryptedFile.refuse(path)
    guard let format = format ?? DataFormat(fileName: path) else {
      throw RunError(.invalid, "the format of \(path) cannot be told from its name (csv, tsv, ndjson or json)")
    }
    let file = try InputFile(
      path: path, limits: UnpackLimits(maxRatio: .infinity), encoding: encoding, isHashed: false, takes: .files)
    let form = TableForm(format, csv)
    self.path = path
    table = try TableReader(file, form, name: path, chunkBytes: ChunkReader.usualBytes) { try readHeader(form, $0) }
    fields = format.isSeparated ? table.header.map { FieldPath(key: $0) } : paths
  }

  /// Reads what no file holds, such as an export that is not published yet.
  /// - Parameter name: what messages call it.
  init(
    _ source: any ByteSource, name: String, format: DataFormat, csv: CSVDialect, paths: [FieldPath]
  ) throws {
    path = name
    table = try TableReader(source, TableForm(format, csv), name: name)
    fields = format.isSeparated ? table.header.map { FieldPath(key: $0) } : paths
  }

  /// Hands the records to `body`, batch by batch, with all cells unescaped. A batch has a column for each field that
  /// was met up to its end. Throws at the first record that cannot be read.
  mutating func read(_ body: (_ batch: Batch, _ fields: [FieldPath]) throws -> Void) throws {
    var (decoder, batch) = decoding()
    let chunk = Chunk()
    var records = 0
    while try table.chunks.next(into: chunk) {
      decode(chunk, decoder, batch)
      while let unexpected = decoder.unexpected {
        meet(unexpected)
        (decoder, batch) = decoding()
        decode(chunk, decoder, batch)
      }
      if let failure = batch.failures.min(by: { $0.record < $1.record }) {
        throw RunError(.inputOutput, "\(path): record \(records + failure.record + 1): \(failure.reason.text)")
      }
      for column in batch.columns { column.unescape(batch.escapes) }
      try body(batch, fields)
      records += batch.recordCount
    }
  }

  private func decoding() -> TableForm.Decoding {
    let plans = fields.enumerated().map { index, path in
      FieldPlan(name: path.singleKey ?? path.description, path: path, column: index, isEmitted: true)
    }
    return table.form.decoding(
      columns: fields.count, fields: .values(fields.count, header: table.form.hasHeader ? table.header : []),
      paths: JSONLayout(plans, unlisted: hasHiddenFields ? .drop : .error, extractKept: true))
  }

  private func decode(_ chunk: Chunk, _ decoder: any RecordDecoder, _ batch: Batch) {
    // Sound: the chunk keeps its bytes until the next one is read into it.
    unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
    decoder.decode(chunk, into: batch)
    batch.byteCount = chunk.bytes.count
  }

  /// Adds a field of JSON that has no column, or leaves out all such fields where its name may not be shown.
  private mutating func meet(_ field: UnexpectedField) {
    if let name = field.name, !name.isEmpty, field.parent.isEmpty {
      fields.append(FieldPath(key: name))
    } else {
      hasHiddenFields = true
    }
  }
}
