import VeilConfig
import VeilCrypto

/// A plan that was read from a file, for the pipeline that is run.
struct SavedPlan {
  let path: String
  let config: PipelineConfig
}

extension Recoding {
  /// Reads a plan and holds it against the pipeline: one that was made for another is refused.
  static func load(_ path: String, _ compiled: CompiledPipeline, keys: KeyStore) throws -> Recoding {
    guard let anonymity = compiled.config.anonymity else {
      throw RunError(.invalid, "--plan needs a pipeline with 'anonymity'")
    }
    try anonymity.refuseModels()
    let coders = try coders(of: compiled.quasiPaths, compiled.config)
    let basis = try Basis(compiled, coders: coders)
      .with(anonymity, weights: compiled.weights, previous: FormerRelease.read(compiled, coders: coders, keys: keys))
    let contents = try PlanFile.read(path, basis: basis, keys: keys)
    return Recoding(
      plan: RecodingPlan(contents, coders: coders), anonymity: anonymity,
      origin: .file(SavedPlan(path: path, config: compiled.config)))
  }

  /// Adds the plan that was decided to what is published, where that is wished.
  func save(
    _ options: RunOptions, _ compiled: CompiledPipeline, keys: KeyStore, to publications: PublicationSet
  ) throws {
    guard let path = options.savePlan, !options.isDryRun, options.preview == nil else { return }
    try anonymity.refuseModels()
    let coders = try Self.coders(of: compiled.quasiPaths, compiled.config)
    let basis = try Basis(compiled, coders: coders)
      .with(anonymity, weights: compiled.weights, previous: FormerRelease.read(compiled, coders: coders, keys: keys))
    publications.add(try PlanFile.begin(plan.contents, basis: basis, to: path, key: nil))
  }

  /// To whom the promise holds, when a plan from a file was applied.
  enum Reach {
    /// The very records, by number and class, that the plan was made for.
    case whole
    /// No more of any class than the plan was made for, and some classes are below k here: all parts together have k.
    case part
    /// Other records, but k people in each class here.
    case other(smallestClass: Int)
    /// Other records, and a class of fewer.
    case unmet(people: Int)
  }

  /// Nil where the plan was decided in this run.
  var reach: Reach? {
    guard case .file = origin else { return nil }
    let (now, foreseen) = (applied.records, plan.contents.recordsOfClass)
    if now == foreseen, applied.suppressed == summary.suppressedRecords, applied.unseen == 0 { return .whole }
    let smallest = zip(applied.people(upTo: anonymity.k), now).filter { $0.1 > 0 }.map(\.0).min() ?? 0
    if now.allSatisfy({ $0 == 0 }) || smallest >= anonymity.k { return .other(smallestClass: smallest) }
    let isPart =
      applied.unseen == 0 && applied.suppressed <= summary.suppressedRecords
      && zip(now, foreseen).allSatisfy { $0 <= $1 }
    return isPart ? .part : .unmet(people: smallest)
  }

  /// What may be said of the export in one line.
  var claim: String {
    guard let intersection = plan.contents.intersection else { return claimOfClasses }
    return "\(claimOfClasses); \(intersection.text)"
  }

  private var claimOfClasses: String {
    let k = anonymity.k
    switch reach {
    case nil, .whole?:
      return "k=\(k) met: \(summary.classes) classes, the smallest of \(summary.smallestClass)"
    case .part?:
      let used = applied.records.count { $0 > 0 }
      return
        "a part of what the plan was made for: \(used) classes, and k=\(k) holds for all parts together, not for this "
        + "one alone"
    case .other(let smallest)?:
      let used = applied.records.count { $0 > 0 }
      let least = summary.countsSubjects ? "at least \(smallest) people in each" : "the smallest of \(smallest)"
      return "k=\(k) met on other records than the plan was made for: \(used) classes, \(least)"
    case .unmet?: return "k=\(k) not met"
    }
  }

  /// Whether the plan may be applied to these records: other records than it was made for must keep the promise by
  /// themselves.
  func checkReach(_ tally: Tally) throws(RunError) {
    let unit = summary.countsSubjects ? "people" : "records"
    if case .unmet(let people) = reach {
      throw RunError(
        .check,
        "k-anonymity is not met, nothing was published: the plan was made for other records, and of these a class has "
          + "only \(people) \(unit) (k is \(anonymity.k))\n  decide anew:  veil anonymize observe, decide")
    }
    // Records that the plan itself suppresses were weighed when it was decided, over all parts.
    let all = applied.records.reduce(0, +) + applied.suppressed
    if applied.unseen > 0, applied.suppressed > anonymity.suppress.limit(of: all) {
      throw RunError(
        .check,
        "\(applied.suppressed) of \(all) records would be suppressed, \(applied.unseen) of them because the plan does not "
          + "know their combination; 'suppress' allows \(anonymity.suppress.percent) %; nothing was published"
          + "\n  decide anew, with what is new observed, or allow more")
    }
  }
}

extension AnonymityConfig {
  /// Histograms hold no sensitive values, and a plan says nothing about those of other records: what cannot be promised is
  /// refused.
  func refuseModels() throws(RunError) {
    guard !hasModels else {
      throw RunError(
        .invalid, "histograms and plans know k and no sensitive values: run this pipeline as a whole, without --plan")
    }
  }
}

extension CompiledPipeline {
  /// The quasi-identifiers, in their order.
  var quasiPaths: [FieldPath] {
    fields.filter { $0.quasiIndex != nil }.sorted { $0.quasiIndex ?? 0 < $1.quasiIndex ?? 0 }.map(\.config.path)
  }

  /// What their losses count for.
  var weights: [Double] {
    fields.filter { $0.quasiIndex != nil }.sorted { $0.quasiIndex ?? 0 < $1.quasiIndex ?? 0 }.map(\.config.weight)
  }
}

/// Reads and writes plans.
enum PlanFile {
  static func begin(_ contents: PlanContents, basis: Basis, to path: String, key: SavedFile.Key?) throws -> Publication
  {
    var body = BodyWriter()
    basis.write(to: &body)
    contents.write(to: &body)
    return try SavedFile.begin(body, magic: PlanContents.magic, to: path, key: key)
  }

  static func read(_ path: String, basis wanted: Basis, keys: KeyStore) throws -> PlanContents {
    let (basis, contents) = try read(path) { try keys.find($0, fingerprint: $1) }
    try basis.mustBe(wanted, file: path)
    guard contents.columns.count == wanted.columnCount else {
      throw RunError(.inputOutput, "\(path): this is no usable plan: its columns do not agree")
    }
    return contents
  }

  static func read(
    _ path: String, keys: (_ name: String, _ fingerprint: String) throws -> SecretBytes
  ) throws -> (basis: Basis, contents: PlanContents) {
    var (body, _) = try SavedFile.read(path, magic: PlanContents.magic, keys: keys)
    do throws(MalformedFile) {
      let basis = try Basis(from: &body)
      return (basis, try PlanContents(from: &body))
    } catch {
      throw RunError(.inputOutput, "\(path): this is no usable plan: \(error.reason)")
    }
  }
}

extension KeyStore {
  /// The key that a file was encrypted with.
  func find(_ name: String, fingerprint: String) throws(RunError) -> SecretBytes {
    if let key = readable(name).first(where: { $0.secret.fingerprint == fingerprint }) { return key.secret }
    throw RunError(
      .invalid,
      readable(name).isEmpty
        ? "it is encrypted under the key '\(ShownName.text(name))', which the pipeline does not have"
        : "it is encrypted under another key than the pipeline's '\(ShownName.text(name))' (fingerprint "
          + "\(ShownName.text(fingerprint)))")
  }
}
