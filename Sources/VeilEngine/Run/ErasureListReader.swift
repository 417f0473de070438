import VeilConfig
import VeilCrypto

/// Reads an erasure list: a CSV file whose column holds the people to leave out.
enum ErasureListReader {
  static func read(_ rule: ErasureConfig, _ pipeline: CompiledPipeline, keys: KeyStore) throws -> ErasureFilter.List {
    let path = pipeline.config.resolve(rule.file)
    let file = try InputFile(path: path, isHashed: false)
    let format = CSVFormat(CSVDialect(), format: DataFormat(fileName: path) ?? .csv)
    let reader = ChunkReader(file, name: path, splitter: CSVSplitter(format: format, isExact: false))
    let names = try reader.readHeader(format: format, hasHeader: true, file: path)
    guard let place = names.firstIndex(of: rule.column) else {
      let near = Diagnostics.nearest(rule.column, in: names).map { ": did the pipeline mean '\($0)'?" } ?? ""
      throw RunError(.mismatch, "\(path): the erasure list has no column '\(rule.column)'\(near)")
    }
    if names.count(where: { $0 == rule.column }) > 1 {
      throw RunError(.mismatch, "\(path): the erasure list names the column '\(rule.column)' twice: rename one of them")
    }
    var uses = [CSVLayout.Use](repeating: .skip, count: names.count)
    uses[place] = .value(column: 0)
    let decoder = CSVDecoder(format: format, layout: CSVLayout(uses: uses, unquotedIsPlain: false))
    let batch = Batch(columnCount: 1, escapes: .csv(quote: format.quote))
    let normalization = try StageEnvironment(keys: keys, recipient: "").rewriters(of: pipeline.erasureNormalization)
    let key = SecretBytes.random(count: 32)
    let digester = ErasureFilter.Digester(key)
    var digests: Set<ErasureFilter.Digest> = []
    let chunk = Chunk()
    var before = 0
    while try reader.next(into: chunk) {
      unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
      decoder.decode(chunk, into: batch)
      let column = batch.columns[0]
      column.unescape(batch.escapes)
      for stage in normalization { stage.rewrite(column, of: 0, in: batch) }
      // A list that cannot be read whole would let somebody slip through.
      if let failure = batch.failures.min(by: { $0.record < $1.record }) {
        let at = chunk.offset + (failure.offset ?? Int(batch.recordStarts[failure.record]))
        throw RunError(
          .inputOutput,
          "\(path): record \(before + failure.record + 1), byte offset \(at): \(failure.reason.text)")
      }
      for index in 0..<column.cells.count where !column.cells[index].isNull {
        let cell = column.cells[index]
        unsafe digests.insert(
          digester.digest(UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)))
      }
      before += batch.recordCount
    }
    return ErasureFilter.List(key: key, digests: digests)
  }
}

extension ChunkReader {
  /// Reads a CSV header, or makes up names where there is none.
  func readHeader(format: CSVFormat, hasHeader: Bool, file: String) throws(InputError) -> [String] {
    var names: [String] = []
    unsafe try readPrefix { bytes, count, isEnd throws(InputError) in
      let header = unsafe try CSVHeader.read(
        bytes, count, isEnd: isEnd, format: format, hasHeader: hasHeader, file: file)
      guard let header else { return nil }
      names = header.names
      return header.consumed
    }
    return names
  }
}
