import VeilAnonymity
import VeilConfig
import VeilCrypto
public import VeilGround

/// The steps of a run, apart: partitions are observed, what was seen is joined, and a plan is decided once. `Pipeline`
/// with `options.plan` then applies it to each partition.
public struct Anonymization {
  private let compiled: CompiledPipeline
  private let options: RunOptions
  private let anonymity: AnonymityConfig

  /// Throws where the pipeline has nothing to anonymize.
  public init(_ compiled: CompiledPipeline, _ options: RunOptions) throws(RunError) {
    guard let anonymity = compiled.config.anonymity else {
      throw RunError(.invalid, "\(compiled.config.path) has no 'anonymity' to prepare")
    }
    self.compiled = compiled
    self.options = options
    self.anonymity = anonymity
  }

  // MARK: Observing

  /// Saves how often each combination of quasi-identifiers occurs in a partition.
  /// - Parameters:
  ///   - subjectKey: The key of the pipeline under which subjects are digested, so that histograms can be joined. Without
  ///     it the pipeline's only key is taken, or where it has none or several a random one.
  ///   - encryptKey: The key of the pipeline that the file is encrypted with.
  public func observe(to path: String, subjectKey: String?, encryptKey: String?) throws(RunError) -> String {
    do {
      let keys = try KeyStore.load(compiled)
      let sealing = try Self.sealingKey(encryptKey, keys: keys, config: compiled.config)
      var subject: (key: SecretBytes, id: [UInt8])?
      if anonymity.count == .subjects { subject = try self.subjectKey(subjectKey, keys) }
      let pipeline = Pipeline(compiled, RunJob(compiled.config, options))
      let (observer, tally) = try pipeline.observed(keys, output: path, subjectKey: subject?.key)
      let histogram = Histogram(
        observer,
        basis: try Basis(
          compiled, coders: try Recoding.coders(of: compiled.quasiPaths, compiled.config), keys: keys),
        subjectKey: subject?.id, id: Array((RandomName.hex() + RandomName.hex()).utf8))
      try Self.write(histogram, to: path, key: sealing)
      var line = "read \(tally.read), observed \(histogram.recordCount) in \(histogram.count) combinations"
      for (name, count) in tally.excludedByReason { line += ", \(count) excluded by \(name)" }
      if tally.bad > 0 { line += ", \(tally.bad) bad" }
      return "\(line) -> \(path)"
    } catch {
      throw RunError(any: error)
    }
  }

  private func subjectKey(_ name: String?, _ keys: KeyStore) throws -> (key: SecretBytes, id: [UInt8]) {
    let config = compiled.config
    let chosen = name ?? (config.keys.count == 1 ? config.keys[0].name : nil)
    guard let chosen else { return Self.subjectKey(SecretBytes.random(count: 32)) }
    guard config.key(named: chosen) != nil else { throw Self.unknownKey(chosen, config) }
    return Self.subjectKey(
      try DomainKey.derive(
        root: try keys.key(chosen), purpose: "subjects of histograms", recipient: "",
        domain: config.source.subject?.description ?? ""))
  }

  private static func subjectKey(_ key: SecretBytes) -> (key: SecretBytes, id: [UInt8]) {
    (key, Array(key.fingerprint.utf8))
  }

  fileprivate static func unknownKey(_ name: String, _ config: PipelineConfig) -> RunError {
    RunError(.invalid, "\(config.path) has no key '\(ShownName.plain(name))' under 'keys'")
  }

  // MARK: Joining

  /// Joins histograms. `compiled` is asked for keys where they are encrypted; the result is then encrypted, too.
  public static func merge(
    _ paths: [String], to path: String, keysOf compiled: CompiledPipeline?, encryptKey: String?
  ) throws(RunError) -> String {
    do {
      let keys = try compiled.map { try KeyStore.load($0, reads: true) }
      var sealing: SavedFile.Key?
      if let encryptKey {
        guard let compiled, let keys else {
          throw RunError(.invalid, "--encrypt-key needs --pipeline, whose key it is")
        }
        sealing = try sealingKey(encryptKey, keys: keys, config: compiled.config)
      }
      let (merged, key) = try joined(paths, keys: keys)
      try write(merged, to: path, key: sealing ?? key)
      return
        "joined \(paths.count) histograms: \(merged.recordCount) records in \(merged.count) combinations -> \(path)"
    } catch {
      throw RunError(any: error)
    }
  }

  private static func joined(_ paths: [String], keys: KeyStore?) throws -> (Histogram, SavedFile.Key?) {
    var merged: Histogram?
    var key: SavedFile.Key?
    for path in paths {
      let (histogram, own) = try read(path, keys: keys)
      key = key ?? own
      if var all = merged {
        try histogram.basis.mustBe(all.basis, file: path)
        guard histogram.subjectKey == all.subjectKey else {
          throw RunError(
            .mismatch,
            "\(path) tells people apart under another key than \(paths[0]), so whoever is in both could not be known: "
              + "observe all partitions with the same --subject-key")
        }
        guard histogram.sensitive.columns.count == all.sensitive.columns.count else {
          throw RunError(.inputOutput, "\(path): this is no usable histogram: its sensitive fields do not agree")
        }
        guard !all.overlaps(histogram) else {
          throw RunError(
            .mismatch,
            "\(path) has records that a histogram before it has, too: they would count twice, and classes would seem "
              + "larger than they are\n  give each part once; a joined histogram has all its parts")
        }
        merged = nil
        all.merge(histogram)
        merged = all
      } else {
        var first = Histogram(
          basis: histogram.basis, subjectKey: histogram.subjectKey, columns: histogram.values.count,
          sensitive: histogram.sensitive.columns.count)
        first.merge(histogram)
        merged = first
      }
    }
    guard let merged else { throw RunError(.invalid, "no histogram was given") }
    return (merged, key)
  }

  private static func read(_ path: String, keys: KeyStore?) throws -> (Histogram, SavedFile.Key?) {
    var (body, key) = try SavedFile.read(path, magic: Histogram.magic) { name, fingerprint in
      guard let keys else { throw RunError(.invalid, "it is encrypted: give --pipeline, which has its key") }
      return try keys.find(name, fingerprint: fingerprint)
    }
    do throws(MalformedFile) {
      return (try Histogram(from: &body), key)
    } catch {
      throw RunError(.inputOutput, "\(path): this is no usable histogram: \(error.reason)")
    }
  }

  private static func write(_ histogram: Histogram, to path: String, key: SavedFile.Key?) throws {
    var body = BodyWriter()
    histogram.write(to: &body)
    try SavedFile.begin(body, magic: Histogram.magic, to: path, key: key).commit()
  }

  // MARK: Deciding

  /// Decides on a plan for all that was observed.
  public func decide(_ paths: [String], to path: String, encryptKey: String?) throws(RunError) -> String {
    do {
      let keys = try KeyStore.load(compiled, reads: true)
      let coders = try Recoding.coders(of: compiled.quasiPaths, compiled.config)
      let basis = try Basis(compiled, coders: coders, keys: keys)
      let (histogram, key) = try Self.joined(paths, keys: keys)
      try histogram.basis.mustBe(basis, file: paths.count == 1 ? paths[0] : "what was observed")
      guard histogram.values.count == coders.count, var observer = histogram.observer(coders),
        histogram.sensitive.columns.count == anonymity.modelledFields.count
      else {
        throw RunError(.inputOutput, "\(paths[0]): this is no usable histogram: a value does not fit its hierarchy")
      }
      if let population = try PopulationReader.observer(compiled, options, keys: keys) {
        observer.add(population: population)
      }
      let threads = options.threads ?? WorkerThread.processorCount
      let previous = try PreviousRelease.read(compiled, coders: coders, keys: keys)
      var table = observer.finish()
      table.weights = compiled.weights
      let decided = try Recoding.decided(
        table, compiled, previous: previous, threads: max(1, min(threads, 256)))
      let plan = decided.plan
      let sealing = try Self.sealingKey(encryptKey, keys: keys, config: compiled.config) ?? key
      try PlanFile.begin(
        plan.contents, basis: basis.with(compiled, anonymity, previousDigest: previous?.digest), to: path, key: sealing
      ).commit()
      let summary = plan.summary
      let both =
        decided.findings.map { "; \($0.text): met" }.joined()
        + (plan.contents.intersection.map { "; \($0.text)" } ?? "") + (decided.candidates.map { "; \($0.text)" } ?? "")
      return "\(summary.records) records: k=\(summary.k) met in \(summary.classes) classes, the smallest of "
        + "\(summary.smallestClass), \(summary.suppressedRecords) suppressed, loss "
        + "\((summary.loss * 10000).rounded() / 10000)\(both) -> \(path)"
    } catch {
      throw RunError(any: error)
    }
  }

  static func sealingKey(_ name: String?, keys: KeyStore, config: PipelineConfig) throws -> SavedFile.Key? {
    guard let name else { return nil }
    guard config.key(named: name) != nil else { throw unknownKey(name, config) }
    return SavedFile.Key(name: name, secret: try keys.key(name))
  }
}

extension Histogram {
  /// Distinct combinations, and records of all.
  var count: Int { counts.records.count }
  var recordCount: Int { counts.records.reduce(0, +) }
}

extension Pipeline {
  /// The first pass alone.
  fileprivate func observed(
    _ keys: KeyStore, output: String, subjectKey: SecretBytes?
  ) throws -> (observer: QuasiObserver, tally: Tally) {
    var job = job
    // Nothing is exported; the format matters where bad records are skipped, since some are bad only there.
    if compiled.views.count == 1, compiled.config.sinks[0].path == nil { job.options.output = "-" }
    let input = try RunInput(compiled, job)
    let targets = try RunOutput.targets(compiled, job, source: input.format)
    try PathConflicts.check(
      compiled, inputs: input.paths, written: [PathConflicts.Written(path: output, what: "histogram")])
    let context = try RunContext(
      compiled, job, input: input, formats: targets.map(\.format), keys: keys, passes: 1,
      subjectKey: subjectKey ?? .random(count: 32))
    return try observe(context)
  }
}
