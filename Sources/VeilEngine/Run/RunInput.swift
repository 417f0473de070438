import VeilConfig

/// The files that a run reads, in order, as often as it needs.
///
/// A file is opened anew for each pass and must be the same one, unchanged. Standard input and pipes, which cannot be
/// read twice, are spooled in encrypted form where a run needs two passes.
final class RunInput {
  struct Digest: Sendable {
    var path: String
    var sha256: String
    var byteCount: Int
  }

  let paths: [String]
  let format: DataFormat
  private let limits: UnpackLimits
  private let isHashed: Bool
  private var identities: [FileIdentity?]
  private var spools: [Spool?]
  /// What was read, by file, once a pass is over.
  private(set) var digests: [Digest] = []

  init(_ pipeline: CompiledPipeline, _ options: RunOptions) throws(RunError) {
    let config = pipeline.config
    guard let given = options.input ?? config.source.path.map({ config.resolve($0) }) else {
      throw RunError(.invalid, "no input: set source.path in the pipeline, or give --input PATH")
    }
    do throws(InputError) { paths = try InputFile.expand(given) } catch { throw RunError(error) }
    let named = paths.lazy.compactMap { DataFormat(fileName: $0) }.first
    guard
      let format = config.source.format ?? named ?? config.source.path.flatMap({ DataFormat(fileName: $0) })
    else {
      throw RunError(
        .invalid, "the format of \(given) cannot be told from its name: set source.format (csv, tsv, ndjson or json)")
    }
    self.format = format
    limits = UnpackLimits(
      maxBytes: config.source.maxBytes, maxRatio: config.source.maxRatio ?? UnpackLimits().maxRatio)
    isHashed = options.needsDigests
    identities = Array(repeating: nil, count: paths.count)
    spools = Array(repeating: nil, count: paths.count)
  }

  /// Data that no pipeline names.
  init(_ options: DataOptions) throws(RunError) {
    do throws(InputError) { paths = try InputFile.expand(options.path) } catch { throw RunError(error) }
    guard let format = options.format ?? paths.lazy.compactMap({ DataFormat(fileName: $0) }).first else {
      throw RunError(
        .invalid, "the format of \(options.path) cannot be told from its name: give --format csv, tsv, ndjson or json")
    }
    self.format = format
    limits = UnpackLimits()
    isHashed = false
    identities = Array(repeating: nil, count: paths.count)
    spools = Array(repeating: nil, count: paths.count)
  }

  func name(of index: Int) -> String { paths[index] == "-" ? "standard input" : paths[index] }

  /// Opens file `index` for a pass, hands it to `body` and checks that it did not change meanwhile.
  /// - Parameter comesAgain: whether another pass will follow.
  func read(_ index: Int, comesAgain: Bool, _ body: (any ByteSource) throws -> Void) throws {
    if let spool = spools[index] { return try body(spool.source()) }
    let file = try InputFile(
      path: paths[index], limits: limits, expecting: identities[index], isHashed: isHashed && digests.count <= index)
    identities[index] = file.identity
    if comesAgain && file.identity == nil {
      let spool = try Spool(file)
      spools[index] = spool
      remember(file, index)
      return try body(spool.source())
    }
    try body(file)
    try file.checkUnchanged()
    remember(file, index)
  }

  private func remember(_ file: InputFile, _ index: Int) {
    guard isHashed, digests.count <= index else { return }
    digests.append(Digest(path: name(of: index), sha256: file.sha256, byteCount: file.byteCount))
  }
}
