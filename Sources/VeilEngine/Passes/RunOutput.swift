import VeilConfig
import VeilCrypto
import VeilGround

/// Where the records of one sink go: a file that appears when the run succeeds, standard output, or nowhere.
final class RunOutput {
  let path: String
  let format: DataFormat
  /// For whom they are, where the pipeline says.
  let recipient: String?
  /// What the bytes are encrypted to.
  let certificate: RecipientCertificate?
  /// Nil where nothing is kept, as in a dry run.
  private let file: OutputFile?
  private let sink: any ByteSink
  /// What is written, before it is packed or encrypted for its recipient, where it is to be read once more; encrypted.
  let copy: Spool?
  /// What writes the beginning and the end.
  private let edges: any RecordEncoder
  /// Whether any record was written, so that a separator goes before the next.
  private(set) var hasRecords = false

  /// What brings the records into an order of its own; nil leaves them in the input's.
  private let order: KeyedOrder?
  var isKeyed: Bool { order != nil }

  /// The fields that leave, in the order of a CSV header.
  let columns: [String]

  /// How often each field of the view's layout was met, and those fields; nil for CSV.
  var ruleCounts: RuleCounts?
  private(set) var fieldPaths: [FieldPath] = []

  /// Figures about groups in place of records, where the sink asks for them.
  let aggregate: AggregateSink?
  /// How many records in keyed order a preview shows.
  private let limit: Int?

  /// Where the records of one sink are to go and in what format, opened or not.
  final class Target {
    let path: String
    let format: DataFormat
    /// For whom they are, where the pipeline says.
    fileprivate let recipient: String?
    /// What the bytes are encrypted to.
    fileprivate let certificate: RecipientCertificate?
    /// The sink, where it gets figures about groups in place of records.
    fileprivate let figures: SinkConfig?
    /// Whether a check at the end may still stop the run: standard output waits for it.
    private let isJudgedAtEnd: Bool
    /// What brings the records into an order of its own.
    fileprivate let order: KeyedOrder?
    fileprivate let job: RunJob
    /// Whether what is written is to be read once more.
    var isCopied: Bool { isMeasured && figures?.aggregate == nil && job.options.preview == nil }
    private let isMeasured: Bool
    private var opened: Opened?

    fileprivate typealias Opened = (file: OutputFile?, sink: any ByteSink)

    init(
      path: String, format: DataFormat, recipient: String? = nil, certificate: RecipientCertificate? = nil,
      figures: SinkConfig? = nil, order: KeyedOrder? = nil, isJudgedAtEnd: Bool = false,
      isMeasured: Bool = false, job: RunJob
    ) {
      self.isMeasured = isMeasured
      (self.path, self.format, self.recipient, self.certificate) = (path, format, recipient, certificate)
      (self.figures, self.isJudgedAtEnd, self.job) = (figures, isJudgedAtEnd, job)
      self.order = order
    }

    /// Opens what is to be written, unless it is open. Throws where it cannot be written.
    func open() throws(OutputError) { _ = try file() }

    fileprivate func file() throws(OutputError) -> Opened {
      if let opened { return opened }
      let opened: Opened
      if job.options.isDryRun {
        opened = (nil, DiscardingSink())
      } else {
        let isShown = job.options.preview != nil
        let file = try OutputFile(
          path: isShown ? "-" : path, isHashed: job.needsDigests, packingThreads: job.options.packingThreads,
          certificate: certificate, isHeld: isJudgedAtEnd || isShown)
        opened = (file, file)
      }
      self.opened = opened
      return opened
    }
  }

  /// Where the records of each sink are to go and in what format, before anything is opened.
  static func targets(
    _ pipeline: CompiledPipeline, _ job: RunJob, source: DataFormat
  ) throws(RunError) -> [Target] {
    let (views, options) = (pipeline.views, job.options)
    if options.preview != nil, views.contains(where: { $0.config.sinks[0].aggregate != nil }) {
      throw RunError(.invalid, "--preview shows records, and an aggregate lets none out")
    }
    if options.preview != nil, views.contains(where: { $0.config.sinks[0].encryption != nil }) {
      throw RunError(
        .invalid,
        "--preview shows records in the clear, and this export is encrypted for its recipient, who alone may read it")
    }
    if views.count > 1, options.output != nil || options.preview != nil {
      throw RunError(
        .invalid,
        "the pipeline has \(views.count) sinks: say which of them with --recipient NAME, for "
          + (options.output != nil ? "--output is one file" : "--preview shows one export"))
    }
    var targets: [Target] = []
    for (view, order) in zip(views, orders(of: views, options)) {
      targets.append(try target(view, job, order: order, source: source))
    }
    return targets
  }

  private static func target(
    _ pipeline: CompiledPipeline, _ job: RunJob, order: KeyedOrder?, source: DataFormat
  ) throws(RunError) -> Target {
    let config = pipeline.config
    let sink = config.sinks[0]
    guard let written = job.options.output ?? sink.path.map({ config.resolve($0) }) else {
      throw RunError(.invalid, "no output: set sink.path in the pipeline, or give --output PATH")
    }
    let path = job.pathValues.map { PathTemplate(written).filled($0) } ?? written
    let format =
      sink.format ?? DataFormat(fileName: path) ?? sink.path.flatMap { DataFormat(fileName: $0) } ?? source
    let certificate = try CertificateCheck.certificate(of: pipeline, on: job.day)
    return Target(
      path: path, format: format, recipient: sink.recipient, certificate: certificate, figures: sink, order: order,
      isJudgedAtEnd: job.options.plan != nil || pipeline.isJudgedAtEnd,
      isMeasured: pipeline.config.anonymity?.control != nil, job: job)
  }

  /// The output of one sink, whose records come from `view`.
  convenience init(_ target: Target, _ view: ExportView) throws {
    try self.init(target, columns: view.layout.emittedNames, edges: try view.encoder())
    fieldPaths = view.layout.fields.map(\.path)
  }

  /// - Parameters:
  ///   - columns: the fields that leave, in the order of a CSV header.
  ///   - edges: what writes the beginning and the end.
  init(_ target: Target, columns: [String], edges: any RecordEncoder) throws {
    (path, format, recipient, certificate) = (target.path, target.format, target.recipient, target.certificate)
    (self.columns, self.edges, order, limit) = (columns, edges, target.order, target.job.options.preview)
    let opened = try target.file()
    file = opened.file
    copy = target.isCopied ? try Spool() : nil
    sink = copy.map { CopyingSink(opened.sink, copy: $0) } ?? opened.sink
    guard let figures = target.figures, let config = figures.aggregate else {
      aggregate = nil
      return
    }
    let (csv, end, format) = (figures.csv, sink, format)
    aggregate = try AggregateSink(config) { release throws(OutputError) in
      var bytes = ByteBuffer()
      release.write(
        format, csv: CSVFormat(csv, format: format), header: csv.header, guardsFormulas: csv.guardsFormulas,
        into: &bytes)
      if !bytes.isEmpty { unsafe try end.write(UnsafeRawBufferPointer(start: bytes.start, count: bytes.count)) }
    }
  }

  /// Whether the input has a field, whose path may be written in one of two ways.
  func hasField(_ path: FieldPath) -> Bool { fieldPaths.contains { $0 == path } }

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
    if let aggregate {
      unsafe try aggregate.write(UnsafeRawBufferPointer(start: bytes.start, count: bytes.count))
    } else {
      try write(bytes)
    }
  }

  /// Takes the records that a view has encoded.
  func writeRecords(of view: ViewWork) throws(OutputError) {
    guard let order else { return try writeRecords(view.encoded, separator: view.encoder.separator) }
    guard let bounds = view.encoder.bounds else { preconditionFailure("a keyed order needs the bounds of records") }
    if !bounds.ends.isEmpty { hasRecords = true }
    try order.add(view.encoded, ends: bounds.ends)
  }

  /// Writes what stands before the first record.
  func begin() throws(OutputError) {
    var header = ByteBuffer()
    edges.header(into: &header)
    try write(header)
  }

  /// Writes what stands behind the last record and completes the bytes; nothing is published yet.
  func finish() throws(OutputError) {
    try aggregate?.finish()
    try order?.finish(into: sink, separator: edges.separator, limit: limit)
    var footer = ByteBuffer()
    edges.footer(isEmpty: !hasRecords, into: &footer)
    try write(footer)
    try sink.finish()
  }

  /// What is to be published, or let through to standard output.
  func addTo(_ set: PublicationSet) {
    guard let file else { return }
    if let publication = file.publication { set.add(publication) } else { set.add(held: file) }
  }
}

/// Takes everything and keeps nothing, for a dry run.
private final class DiscardingSink: ByteSink {
  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {}
  func finish() throws(OutputError) {}
}
