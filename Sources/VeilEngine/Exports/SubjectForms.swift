import VeilConfig
import VeilCrypto
import VeilGround

/// Why people cannot be looked for in an export.
struct NotSearchable: Error {
  let reason: String
  /// Whether this is intended: nothing in the export says whose its records are.
  var isByDesign = false
}

/// The names that an export has for people: what the stages of its subject make of a person, with the keys and for the
/// recipient of the export's run.
struct SubjectForms {
  let view: CompiledPipeline
  let field: FieldPath
  /// Whether the pipeline is, to the byte, the pipeline that made the export.
  let isSamePipeline: Bool
  private let stages: [any Stage]
  private let stores: [KeyStore]
  private let format: DataFormat
  /// The last stage, if its tokens are other ones each time.
  private var sealer: Encrypt? { (stages.last as? Encrypt).flatMap { $0.isRandom ? $0 : nil } }

  /// - Parameter field: The input's field that names the person; nil for `source.subject`.
  init(_ export: PublishedExport, pipelines: [CompiledPipeline], field: String?) throws(NotSearchable) {
    func digest(_ pipeline: CompiledPipeline) -> String { AuditLine.digest(pipeline.config.sourceBytes) }
    let same = pipelines.first { digest($0) == export.pipelineDigest }
    guard let pipeline = same ?? pipelines.first(where: { $0.config.name == export.pipelineName }) else {
      throw NotSearchable(reason: "the pipeline that made it, '\(export.pipelineName)', was not given")
    }
    isSamePipeline = same != nil
    guard let view = pipeline.views.first(where: { $0.config.sinks[0].recipient == export.recipient }) else {
      throw NotSearchable(reason: "\(pipeline.config.path) has no sink for its recipient any more")
    }
    self.view = view
    format = export.format
    if export.isAggregate {
      throw NotSearchable(reason: "it holds figures about groups, and no records", isByDesign: true)
    }
    let wanted = field.flatMap { try? FieldPath($0) } ?? view.config.source.subject
    guard let wanted else {
      throw NotSearchable(reason: "\(pipeline.config.path) has no source.subject: name the field with --field")
    }
    self.field = wanted
    // If the export names its people, but not by this field, the user must say how.
    let subject = view.config.source.subject
    let isByDesign = subject == nil || subject == wanted
    let rule = view.fields.first { $0.config.path == wanted }
    guard let rule else {
      guard view.config.unlisted == .keep else {
        throw NotSearchable(reason: "the field '\(wanted)' does not leave", isByDesign: isByDesign)
      }
      (stages, stores) = ([], [KeyStore([:])])
      return
    }
    let fate = rule.fate ?? .nothing
    // A value is made coarser or left whole: those that are left whole can be found.
    var readable: Set<ValueFate> = [.readable, .normalized, .sometimesWhole, .guessable, .token, .reversible]
    if let last = rule.stages.last as? Encrypt, last.isRandom, rule.stages.dropLast().allSatisfy({ $0.fate < .sealed })
    {
      readable.insert(.sealed)
    }
    guard readable.contains(fate), rule.quasiIndex == nil,
      view.config.microaggregation?.fields.contains(wanted) != true,
      rule.stages.allSatisfy({ $0.lookedAt.isEmpty })
    else {
      let how = rule.isDropped ? "is dropped" : "is \(rule.quasiIndex == nil ? fate.name : "generalized")"
      throw NotSearchable(
        reason: "not searchable by subject: its field '\(wanted)' \(how), so no record says whose it is"
          + (isByDesign ? "" : " by it: name people as '\(subject.map { "\($0)" } ?? "")' does, with --field"),
        isByDesign: isByDesign)
    }
    stages = rule.stages
    do throws(RunError) { stores = try Self.stores(export, view) } catch { throw NotSearchable(reason: "\(error)") }
  }

  /// Loads the keys of the export's run; from a key ring, those that the manifest names.
  private static func stores(_ export: PublishedExport, _ view: CompiledPipeline) throws(RunError) -> [KeyStore] {
    var stores = [try KeyStore.load(view, reads: true)]
    for key in view.config.keys {
      let wanted = export.keys.filter { $0.key == key.name || $0.key.hasPrefix(key.name + "/") }.map(\.value)
      if wanted.isEmpty { continue }
      let matching = stores[0].readable(key.name).filter { wanted.contains($0.secret.fingerprint) }
      if matching.isEmpty {
        throw RunError(
          .invalid, "its key '\(key.name)' (\(wanted.sorted().joined(separator: ", "))) is not at hand any more")
      }
      stores = stores.flatMap { store in matching.map { store.using($0, for: key.name) } }
    }
    return stores
  }

  /// Returns what finds people in the export, by every name that it may have for one of them.
  ///
  /// A person's value is tried as it is given, and as the pipeline's own lists of people normalize it, because tokens
  /// depend on the spelling. The answer is empty if the pipeline could not have published any of them.
  func match(_ people: [[UInt8]]) throws -> SubjectMatch {
    let isGuarded = format.isSeparated && view.config.sinks[0].csv.guardsFormulas
    let source = view.config.source.format ?? view.config.source.path.flatMap { DataFormat(fileName: $0) }
    let match = SubjectMatch(
      sealer: sealer, isGuarded: isGuarded,
      isCanonical: view.config.anonymity != nil && source.map { !$0.isSeparated } ?? true)
    let spellings = try spellings(of: people)
    for store in stores {
      var environment = StageEnvironment(keys: store, recipient: view.config.sinks[0].recipient ?? "")
      guard let sealer else {
        for name in try written(spellings, environment) { match.add(name) }
        continue
      }
      let inner = try Self.rewrite(spellings, environment.rewriters(of: Array(stages.dropLast())))
      environment.normalization = stages.dropLast().compactMap(\.normalization).last
      match.add(try sealer.cipher(environment), names: Set(inner.compactMap { $0 }))
    }
    if match.isEmpty, stages.contains(where: { $0.fate.isPart }) {
      throw NotSearchable(
        reason: "not searchable by subject: its field '\(field)' is made coarser, so no record says whose it is",
        isByDesign: true)
    }
    return match
  }

  /// Returns all values that a person may have had in the input.
  private func spellings(of people: [[UInt8]]) throws -> [[UInt8]] {
    let plain = StageEnvironment(keys: KeyStore([:]), recipient: "")
    var spellings = people
    for normalization in [view.erasureNormalization, view.ledgerNormalization, view.correctionNormalization]
    where !normalization.isEmpty {
      spellings += try Self.rewrite(people, plain.rewriters(of: normalization)).compactMap { $0 }
    }
    var seen: Set<[UInt8]> = []
    return spellings.filter { seen.insert($0).inserted }
  }

  /// Returns what the stages make of people. Where they make most values coarser, only a value that they leave whole is a
  /// name: others may have been made of anybody's.
  private func written(_ spellings: [[UInt8]], _ environment: StageEnvironment) throws -> [[UInt8]] {
    let whole = stages.firstIndex { $0.fate.isPart }
    let names = try Self.rewrite(spellings, environment.rewriters(of: stages))
    guard let whole else { return names.compactMap { $0 } }
    let before = try Self.rewrite(spellings, environment.rewriters(of: Array(stages[..<whole])))
    let after = try Self.rewrite(spellings, environment.rewriters(of: Array(stages[...whole])))
    return names.indices.compactMap { before[$0] == after[$0] ? names[$0] : nil }
  }

  /// Returns what stages make of values; nil for a value that they turn into null or refuse.
  private static func rewrite(_ values: [[UInt8]], _ rewriters: [any Rewriter]) -> [[UInt8]?] {
    var found: [[UInt8]?] = []
    // Values go in parts, because offsets in a batch have 32 bits.
    for start in stride(from: 0, to: values.count, by: 4096) {
      found += rewrite(part: Array(values[start..<min(start + 4096, values.count)]), rewriters)
    }
    return found
  }

  private static func rewrite(part values: [[UInt8]], _ rewriters: [any Rewriter]) -> [[UInt8]?] {
    let batch = Batch(columnCount: 1, escapes: .csv(quote: UInt8(ascii: "\"")))
    var source = ByteBuffer()
    var cells: [Cell] = []
    for value in values {
      cells.append(value.isEmpty ? .null : Cell(start: source.count, count: value.count))
      for byte in value { source.append(byte) }
    }
    source.reserve(64)
    unsafe batch.reset(base: UnsafePointer(source.start))
    let column = batch.columns[0]
    for cell in cells { column.cells.append(cell) }
    batch.finishDecoding(recordCount: values.count)
    for rewriter in rewriters { rewriter.prepare(batch) }
    for rewriter in rewriters { rewriter.rewrite(column, of: 0, in: batch) }
    let found = (0..<values.count).map { index -> [UInt8]? in
      let cell = column.cells[index]
      guard !cell.isNull, batch.isLive(index) else { return nil }
      // Sound: a cell lies within its column's bytes, or in `source`, which is alive.
      return unsafe Array(UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count))
    }
    extendLifetime(source)
    return found
  }
}
