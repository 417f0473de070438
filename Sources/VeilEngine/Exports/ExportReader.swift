import Glibc
import VeilConfig
import VeilCrypto
import VeilGround

/// Reads an export record by record; it may be compressed or encrypted.
final class ExportReader {
  /// The fields that the reader extracts; each is a column of the batch.
  let names: [String]
  /// The bytes in front of the records, such as a CSV header.
  private(set) var prefix: [UInt8] = []
  let batch: Batch
  private let export: PublishedExport
  private let chunks: ChunkReader
  private let decoder: any RecordDecoder
  private let stored: HashingSource
  private(set) var records = 0

  /// - Parameters:
  ///   - view: The pipeline that made the export, as the export's sink sees it.
  ///   - field: The field that names people.
  ///   - opener: Decrypts the export; nil if it is not encrypted.
  init(_ export: PublishedExport, _ view: CompiledPipeline, field: FieldPath, opener: CMSDecryptor?) throws {
    self.export = export
    let path = export.path
    let limits = UnpackLimits(maxRatio: .infinity)
    let raw = HashingSource(try FileSource(path: path, takes: .unlinkedFiles))
    stored = raw
    var source: any ByteSource = raw
    if export.isEncrypted {
      guard let opener else {
        throw RunError(.inputOutput, "it is encrypted: give --private-key FILE, if the recipient's key is at hand")
      }
      do { source = MemorySource(try opener.open(try Self.all(of: raw))) } catch {
        throw RunError(.inputOutput, "\(error)")
      }
    }
    switch Packing(path: path) {
    case .none: break
    case .gzip: source = GzipSource(source, name: path, limits: limits)
    case .zstd: source = ZstdSource(source, name: path, limits: limits)
    }
    let form = TableForm(export.format, export.csv)
    let copy = CopyingSource(source)
    let table = try TableReader(copy, form, name: path)
    chunks = table.chunks
    prefix = Array(copy.bytes.prefix(chunks.offset))
    copy.stop()
    var paths = view.fields.filter { !$0.isDropped }.map(\.config.path)
    // A field that no rule names leaves as it came.
    let unnamed = [field, view.config.source.subject].compactMap { $0 }
    for path in unnamed where view.config.unlisted == .keep && !paths.contains(path) { paths.append(path) }
    let plans = paths.enumerated().map { index, path in
      FieldPlan(name: path.description, path: path, column: index, isEmitted: true)
    }
    names = export.format.isSeparated ? Self.names(export, header: table.header) : plans.map(\.name)
    (decoder, batch) = form.decoding(
      columns: names.count, fields: .values(names.count),
      paths: JSONLayout(plans, unlisted: .keep, extractKept: true))
  }

  /// Returns the fields of a CSV file. If it has no header, the manifest says which field is in which column.
  private static func names(_ export: PublishedExport, header: [String]) -> [String] {
    let known = export.columns.count == header.count
    return export.csv.header || !known ? header : export.columns.map { $0 ?? "" }
  }

  /// The digest of the file as it is stored; complete after all records were read.
  var sha256: String { stored.sha256 }
  var byteCount: Int { stored.byteCount }

  private static func all(of source: HashingSource) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try unsafe block.withUnsafeMutableBytes { block in
        Result { () throws(InputError) in unsafe try source.read(into: block) }
      }.get()
      if count == 0 { return bytes }
      bytes += block[..<count]
      if bytes.count > CMSDecryptor.limit { throw CMSDecryptor.Problem.tooLong }
    }
  }

  /// Reads the next records into `batch`, unescaped. Returns false at the end.
  func next(into chunk: Chunk) throws -> Bool {
    guard try chunks.next(into: chunk) else { return false }
    unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
    decoder.decode(chunk, into: batch)
    if let failure = batch.failures.min(by: { $0.record < $1.record }) {
      throw RunError(
        .inputOutput, "\(export.path): record \(records + failure.record + 1): \(failure.reason.text)")
    }
    for column in batch.columns { column.unescape(batch.escapes) }
    records += batch.recordCount
    return true
  }

  /// Returns what the values of the subject's columns say, with the numbers of their records. A record may have several.
  func findings(_ match: SubjectMatch, in columns: [Int]) -> [(record: Int, finding: SubjectMatch.Finding)] {
    columns.flatMap { number in
      let column = batch.columns[number]
      return (0..<column.cells.count).compactMap { index -> (Int, SubjectMatch.Finding)? in
        let cell = column.cells[index]
        if cell.isNull || cell.count == 0 { return nil }
        // Sound: a cell lies within its column's bytes.
        let bytes = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
        let finding = match.look(
          at: unsafe Array(bytes), isNumber: cell.has(.literal), isComposite: cell.has(.composite))
        return (column.record(ofCell: index), finding)
      }
    }
  }

  /// Returns the columns of a field: several where a header has its name more than once.
  func columns(of field: FieldPath) -> [Int] {
    names.indices.filter { names[$0] == (field.singleKey ?? field.description) || names[$0] == field.description }
  }

  /// Returns the values of a column with the numbers of their records. Nulls are left out.
  func values(_ column: Int) -> [(record: Int, value: [UInt8])] {
    let column = batch.columns[column]
    return (0..<column.cells.count).compactMap { index in
      let cell = column.cells[index]
      if cell.isNull { return nil }
      // Sound: a cell lies within its column's bytes.
      let bytes = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
      return (column.record(ofCell: index), unsafe Array(bytes))
    }
  }

  /// Returns the bytes of a record as they are in its chunk: for JSON the object alone, otherwise with the line's end.
  func bytes(of record: Int, in chunk: Chunk) -> [UInt8] {
    let start = Int(batch.recordStarts[record])
    var end = record + 1 < batch.recordCount ? Int(batch.recordStarts[record + 1]) : chunk.bytes.count
    if export.format == .json {
      // The bytes between two objects belong to neither of them, and an object ends with a brace.
      while end > start, chunk.bytes[end - 1] != UInt8(ascii: "}") { end -= 1 }
    }
    return (start..<end).map { chunk.bytes[$0] }
  }
}

/// A source of bytes that are already in memory.
final class MemorySource: ByteSource {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, bytes.count - at)
    unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]).copyBytes(from: bytes[at..<at + count])
    at += count
    return count
  }
}

/// A source that keeps a copy of the bytes that it delivers, until it is told to stop. It copies a header that must be
/// written unchanged.
private final class CopyingSource: ByteSource {
  private let source: any ByteSource
  private(set) var bytes: [UInt8] = []
  private var isCopying = true

  init(_ source: any ByteSource) { self.source = source }

  func stop() {
    isCopying = false
    bytes = []
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    let count = unsafe try source.read(into: buffer)
    if isCopying { unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
    return count
  }
}
