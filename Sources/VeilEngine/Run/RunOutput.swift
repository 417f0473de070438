import VeilConfig

/// The one place that a run's records go: a file that appears when the run succeeds, standard output, or nowhere.
final class RunOutput {
  let path: String
  let format: DataFormat
  /// Nil where nothing is kept, as in a dry run.
  private let file: OutputFile?
  private let sink: any ByteSink
  /// Whether any record was written, so that a separator goes before the next.
  private(set) var hasRecords = false

  /// Where the records are to go and in what format, before anything is opened.
  static func target(
    _ pipeline: CompiledPipeline, _ options: RunOptions, source: DataFormat
  ) throws(RunError) -> (path: String, format: DataFormat) {
    let config = pipeline.config
    let sink = config.sinks[0]
    guard let path = options.output ?? sink.path.map({ config.resolve($0) }) else {
      throw RunError(.invalid, "no output: set sink.path in the pipeline, or give --output PATH")
    }
    let format =
      sink.format ?? DataFormat(fileName: path) ?? sink.path.flatMap { DataFormat(fileName: $0) } ?? source
    return (path, format)
  }

  init(path: String, format: DataFormat, options: RunOptions) throws(OutputError) {
    self.path = path
    self.format = format
    if options.isDryRun {
      (file, sink) = (nil, DiscardingSink())
    } else {
      let file = try OutputFile(
        path: options.preview == nil ? path : "-", isHashed: options.manifest != nil,
        packingThreads: options.packingThreads)
      (self.file, sink) = (file, file)
    }
  }

  /// The digest and length of the bytes as stored, where a manifest asks for them.
  var digest: RunInput.Digest? {
    guard let file, let sha256 = file.sha256 else { return nil }
    return RunInput.Digest(path: path == "-" ? "standard output" : path, sha256: sha256, byteCount: file.byteCount)
  }

  func write(_ bytes: borrowing ByteBuffer) throws(OutputError) {
    if bytes.isEmpty { return }
    unsafe try sink.write(UnsafeRawBufferPointer(start: bytes.start, count: bytes.count))
  }

  /// Writes records that an encoder made, and its separator before them where others came first.
  func writeRecords(_ bytes: borrowing ByteBuffer, separator: StaticString) throws(OutputError) {
    if bytes.isEmpty { return }
    if hasRecords, separator.utf8CodeUnitCount > 0 {
      unsafe try sink.write(UnsafeRawBufferPointer(start: separator.utf8Start, count: separator.utf8CodeUnitCount))
    }
    hasRecords = true
    try write(bytes)
  }

  /// Completes the bytes; nothing is published yet.
  func finish() throws(OutputError) { try sink.finish() }

  /// What is to be published, where it is a file.
  func addTo(_ set: PublicationSet) {
    if let publication = file?.publication { set.add(publication) }
  }
}

/// Takes everything and keeps nothing, for a dry run.
private final class DiscardingSink: ByteSink {
  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {}
  func finish() throws(OutputError) {}
}
