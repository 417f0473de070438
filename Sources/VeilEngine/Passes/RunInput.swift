import VeilConfig
import VeilGround

/// The files that a run reads, in order, as often as it needs.
///
/// A file is opened anew for each pass and must be the same one, unchanged. A file that is read more than once is hashed
/// each time: length and times can stay the same when its contents change, as they do under a memory map or after
/// `touch -r`. Standard input and pipes, which cannot be read twice, are spooled in encrypted form where a run needs two
/// passes; whoever changes the spool makes it unreadable.
final class RunInput {
  struct Digest: Sendable {
    var path: String
    var sha256: String
    var byteCount: Int
  }

  let paths: [String]
  let format: DataFormat
  private let limits: UnpackLimits
  private let encoding: TextEncoding?
  private let isHashed: Bool
  private let monitor: RunMonitor
  private let readsAhead: Bool
  private var identities: [FileIdentity?]
  private var spools: [Spool?]
  /// What the last pass over each file read; nil where nothing needed its digest.
  private var readings: [Digest?]
  /// What was read, by file, in the pass that published it. Empty where nothing asks for it.
  var digests: [Digest] { isHashed ? readings.compactMap { $0 } : [] }

  init(_ pipeline: CompiledPipeline, _ job: RunJob) throws(RunError) {
    let config = pipeline.config
    if let inputs = job.inputs {
      paths = inputs
    } else {
      let listing = try Self.listed(pipeline, job.options)
      do throws(InputError) { try listing.requireSome() } catch { throw RunError(error) }
      paths = listing.paths
    }
    let named = paths.lazy.compactMap { DataFormat(fileName: $0) }.first
    guard
      let format = config.source.format ?? named ?? config.source.path.flatMap({ DataFormat(fileName: $0) })
    else {
      throw RunError(
        .invalid,
        "the format of \(paths.first ?? "the input") cannot be told from its name: set source.format (csv, tsv, ndjson "
          + "or json)")
    }
    self.format = format
    limits = UnpackLimits(
      maxBytes: config.source.maxBytes, maxRatio: config.source.maxRatio ?? UnpackLimits().maxRatio)
    encoding = config.source.encoding
    isHashed = job.needsDigests
    monitor = job.monitor
    let sizes = paths.map { FileSource.size($0) }
    monitor.expect(
      bytes: sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) }, passes: config.anonymity == nil ? 1 : 2)
    readsAhead = job.options.readsAhead
    identities = Array(repeating: nil, count: paths.count)
    spools = Array(repeating: nil, count: paths.count)
    readings = Array(repeating: nil, count: paths.count)
  }

  /// Data that no pipeline names.
  init(_ options: DataOptions) throws(RunError) {
    do throws(InputError) {
      let listing = try InputListing(options.path, format: options.format)
      try listing.requireSome()
      paths = listing.paths
    } catch { throw RunError(error) }
    guard let format = options.format ?? paths.lazy.compactMap({ DataFormat(fileName: $0) }).first else {
      throw RunError(
        .invalid, "the format of \(options.path) cannot be told from its name: give --format csv, tsv, ndjson or json")
    }
    self.format = format
    limits = UnpackLimits()
    encoding = options.encoding
    isHashed = false
    monitor = RunMonitor()
    readsAhead = true
    identities = Array(repeating: nil, count: paths.count)
    spools = Array(repeating: nil, count: paths.count)
    readings = Array(repeating: nil, count: paths.count)
  }

  /// What `--input` or `source.path` stands for now.
  static func listed(_ pipeline: CompiledPipeline, _ options: RunOptions) throws(RunError) -> InputListing {
    let config = pipeline.config
    do throws(InputError) {
      if let input = options.input { return try InputListing(input, format: config.source.format) }
      if let path = config.source.path { return try InputListing(path, of: config, format: config.source.format) }
    } catch { throw RunError(error) }
    throw RunError(.invalid, "no input: set source.path in the pipeline, or give --input PATH")
  }

  func name(of index: Int) -> String { paths[index] == "-" ? "standard input" : paths[index] }

  /// Notes which file is being read now; nil for none.
  func note(_ index: Int?) { monitor.read(index.map { paths[$0] }) }

  /// One file that is open for a pass.
  struct Opened {
    /// As messages call it.
    let name: String
    let source: any ByteSource
    fileprivate let index: Int
    /// Nil where what comes was spooled before.
    fileprivate let file: InputFile?
  }

  /// Opens file `index` for a pass.
  /// - Parameter comesAgain: whether another pass will follow.
  func open(_ index: Int, comesAgain: Bool) throws(InputError) -> Opened {
    // A line feed in a file's name must not look like a message of its own.
    let name = printable(name(of: index))
    if let spool = spools[index] { return Opened(name: name, source: spool.source(), index: index, file: nil) }
    let file = try InputFile(
      path: paths[index], limits: limits, encoding: encoding, expecting: identities[index],
      isHashed: isHashed || comesAgain || readings[index] != nil, meter: monitor, readsAhead: readsAhead)
    identities[index] = file.identity
    guard comesAgain && file.identity == nil else {
      return Opened(name: name, source: file, index: index, file: file)
    }
    let spool = try Spool(file)
    spools[index] = spool
    try remember(file, index)
    return Opened(name: name, source: spool.source(), index: index, file: nil)
  }

  /// Ends a pass over one file: throws where it changed since it was opened.
  func close(_ opened: Opened) throws(InputError) {
    guard let file = opened.file else { return }
    try file.checkUnchanged()
    try remember(file, opened.index)
  }

  /// Throws where the bytes are not those of the pass before: what was decided on them does not hold for these.
  private func remember(_ file: InputFile, _ index: Int) throws(InputError) {
    guard file.isHashed else { return }
    let reading = Digest(path: name(of: index), sha256: file.sha256, byteCount: file.byteCount)
    if let before = readings[index], before.sha256 != reading.sha256 || before.byteCount != reading.byteCount {
      throw InputError(
        "\(file.name) had other contents in the second pass than in the first, though its length and times are the same: "
          + "run again when nothing writes to it")
    }
    readings[index] = reading
  }
}
