import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

/// A plan from a file, for the pipeline that is run.
struct SavedPlan {
  let path: String
  let config: PipelineConfig
}

extension Recoding {
  /// Reads a plan and compares it with the pipeline: a plan that was made for another pipeline is refused.
  static func load(_ path: String, _ compiled: CompiledPipeline, keys: KeyStore) throws -> Recoding {
    guard let anonymity = compiled.config.anonymity else {
      throw RunError(.invalid, "--plan needs a pipeline with 'anonymity'")
    }
    let coders = try coders(of: compiled.quasiPaths, compiled.config)
    let previous = try PreviousRelease.read(compiled, coders: coders, keys: keys)
    let basis = try Basis(compiled, coders: coders, keys: keys).with(
      compiled, anonymity, previousDigest: previous?.digest)
    let contents = try PlanFile.read(path, basis: basis, keys: keys)
    guard contents.sensitive.count == anonymity.modelledFields.count,
      contents.populationOfClass.isEmpty == (anonymity.population == nil) || contents.classCount == 0
    else { throw RunError(.inputOutput, "\(path): this is no usable plan: it lacks what the models ask for") }
    try previous?.check(planned: contents.intersection, anonymity, plan: path)
    return Recoding(
      RecodingPlan(contents, coders: coders), anonymity, SavedPlan(path: path, config: compiled.config),
      showsPeople: compiled.showsPeople)
  }

  /// Adds the decided plan to the files that are published, if it is to be saved.
  func save(
    _ job: RunJob, _ compiled: CompiledPipeline, keys: KeyStore, to publications: PublicationSet
  ) throws {
    guard let path = job.options.savePlan, job.publishes else { return }
    let coders = try Self.coders(of: compiled.quasiPaths, compiled.config)
    let previous = try PreviousRelease.read(compiled, coders: coders, keys: keys)
    let basis = try Basis(compiled, coders: coders, keys: keys).with(
      compiled, anonymity, previousDigest: previous?.digest)
    publications.add(companion: try PlanFile.begin(plan.contents, basis: basis, to: path, key: nil))
  }

  /// The records for which the promise of a plan from a file holds. Nil if the plan was decided in this run.
  var reach: AppliedOutcome.Reach? {
    guard case .file = origin else { return nil }
    // A preview ends before this is known, so it says nothing about the whole.
    return applied.outcome?.reach ?? .part
  }

  /// What may be said of the export, in one line.
  var claim: String {
    guard let intersection else { return claimOfClasses }
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
        "a part of what the plan was made for: \(used) classes, and k=\(k)\(anonymity.hasModels ? ", like every model," : "") "
        + "holds for all parts together, not for this one alone"
    case .other(let smallest)?:
      let used = applied.records.count { $0 > 0 }
      let least = smallest.map { ", the smallest of \($0)" } ?? ""
      return "k=\(k) met on other records than the plan was made for: \(used) classes\(least)"
    case .unmet?: return "k=\(k) not met"
    }
  }

  private static func unmet(
    _ people: Int, broken: [ModelFinding], anonymity: AnonymityConfig, unit: String
  ) -> RunError {
    let advice = "decide anew:  veil anonymize observe, decide"
    if people < anonymity.k {
      return RunError(
        .check,
        "k-anonymity is not met, nothing was published: the plan was made for other records, and of these a class has "
          + "only \(people) \(unit) (k is \(anonymity.k))\n  \(advice)")
    }
    return RunError(
      .check,
      "the privacy models are not met, nothing was published: the plan was made for other records, and of these"
        + broken.map { "\n  \($0.text)" }.joined() + "\n  \(advice)")
  }

  /// Throws if the plan may not be applied to these records: records for which it was not made must keep the promise by
  /// themselves.
  func checkReach(_ tally: Tally) throws(RunError) {
    guard case .file(let saved) = origin else { return }
    let outcome = try AppliedOutcome(
      applied, plan.contents, anonymity: anonymity, config: saved.config,
      showsPeople: showsPeople)
    applied.outcome = outcome
    if case .unmet(let people, let broken) = outcome.reach {
      throw Self.unmet(
        people, broken: broken, anonymity: anonymity, unit: summary.countsSubjects ? "people" : "records")
    }
    // If the records are those of the plan, their suppression was judged when the plan was decided, over all parts.
    guard case .other = outcome.reach, !outcome.isPart else { return }
    let all = applied.records.reduce(0, +) + applied.suppressed
    if applied.suppressed > anonymity.suppress.limit(of: all) {
      let unseen =
        applied.unseen > 0 ? ", \(applied.unseen) of them because the plan does not know their combination" : ""
      throw RunError(
        .check,
        "\(applied.suppressed) of \(all) records would be suppressed\(unseen); the plan was made for other records, and "
          + "'suppress' allows \(anonymity.suppress.percent) %; nothing was published"
          + "\n  decide anew, with what is new observed, or allow more")
    }
    if anonymity.release.intersectionLimit != nil, !outcome.isCovered {
      throw RunError(
        .check,
        "'intersection' has a limit, and how many people this release and the one before single out together was measured "
          + "on other records than these; nothing was published\n  decide anew, with these records observed")
    }
  }
}

extension CompiledPipeline {
  /// The quasi-identifiers, in their order.
  var quasiPaths: [FieldPath] {
    fields.filter { $0.quasiIndex != nil }.sorted { $0.quasiIndex ?? 0 < $1.quasiIndex ?? 0 }.map(\.config.path)
  }

  /// The weights of the quasi-identifiers' losses, in the same order.
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
  /// Returns the key with which a file was encrypted.
  func find(_ name: String, fingerprint: String) throws(RunError) -> SecretBytes {
    if let key = readable(name).first(where: { $0.secret.fingerprint == fingerprint }) { return key.secret }
    throw RunError(
      .invalid,
      readable(name).isEmpty
        ? "it is encrypted under the key '\(ShownName.plain(name))', which the pipeline does not have"
        : "it is encrypted under another key than the pipeline's '\(ShownName.plain(name))' (fingerprint "
          + "\(ShownName.plain(fingerprint)))")
  }
}
