import VeilConfig

/// Reads the lists and objects that leave as one value, from the text of published records: of a file, or of what a run is
/// about to write. Belongs to one thread.
final class WholeReader {
  let fields: [WholeField]
  private let lines: any RecordDecoder
  private let elements: any RecordDecoder
  private let batch: Batch
  private let own = Chunk()
  /// For each field, what was read: the record, the digest and the length of each value.
  private var found: [[(record: Int, text: WholeText)]] = []

  init(_ fields: [WholeField]) {
    self.fields = fields
    let plans = fields.enumerated().map { index, field in
      FieldPlan(name: field.path.description, path: field.path, column: index, isEmitted: true)
    }
    let layout = JSONLayout(plans, unlisted: .drop, extractKept: true)
    lines = JSONRecordDecoder(layout, form: .lines)
    elements = JSONRecordDecoder(layout, form: .array)
    batch = Batch(columnCount: fields.count, escapes: .json)
  }

  /// Reads a chunk of a published file.
  func read(_ chunk: Chunk, of format: DataFormat) { read(chunk, format == .json ? elements : lines) }

  /// Reads records as an encoder wrote them.
  /// - Parameter isArray: Whether there are commas between them.
  func read(encoded: borrowing ByteBuffer, isArray: Bool) {
    own.bytes.removeAll()
    // What does not begin a file has no mark in front.
    own.offset = 1
    if !encoded.isEmpty {
      if isArray { own.bytes.append(",") }
      // Sound: the buffer has that many bytes.
      unsafe own.bytes.append(UnsafePointer(encoded.start), count: encoded.count)
    }
    read(own, isArray ? elements : lines)
  }

  private func read(_ chunk: Chunk, _ decoder: any RecordDecoder) {
    // Sound: the chunk lives until the values are read.
    unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
    decoder.decode(chunk, into: batch)
    found = fields.indices.map { index in
      let column = batch.columns[index]
      return (0..<column.cells.count).compactMap { place in
        let cell = column.cells[place]
        guard cell.has(.composite) else { return nil }
        let bytes = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
        let text = unsafe Span(_unsafeElements: bytes)
        return (column.record(ofCell: place), WholeText(text, hiding: fields[index].hidden))
      }
    }
  }

  /// The number of records that were read.
  var recordCount: Int { batch.recordCount }

  /// Adds what was read to the census of each field.
  /// - Parameter owner: Returns whose record this is.
  func add(to censuses: inout [WholeCensus], owner: (Int) -> UInt64) {
    for index in found.indices {
      for (record, text) in found[index] {
        let owner = owner(record)
        censuses[index].whole.add(text.hash, owner: owner) { [] }
        if let length = text.length { censuses[index].length.add(FieldCensus.hash(length), owner: owner) { [] } }
      }
    }
  }
}
