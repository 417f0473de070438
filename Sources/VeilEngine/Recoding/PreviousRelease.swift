import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

/// The previous release, which `anonymity.previous` names, as its plan describes it.
struct PreviousRelease {
  let path: String
  let contents: PlanContents
  /// Distinguishes this plan from others.
  let digest: String

  /// Reads the plan of the previous release; nil if the pipeline names none. The plan may have another k or recoding,
  /// but its quasi-identifiers, stages and hierarchies must be the pipeline's own; otherwise its classes would mean
  /// something else.
  static func read(_ compiled: CompiledPipeline, keys: KeyStore) throws -> PreviousRelease? {
    guard compiled.config.anonymity?.release.previous != nil else { return nil }
    return try read(
      compiled, coders: try Recoding.coders(of: compiled.quasiPaths, compiled.config), keys: keys)
  }

  static func read(_ compiled: CompiledPipeline, coders: [QuasiCoder], keys: KeyStore) throws -> PreviousRelease? {
    guard let previous = compiled.config.anonymity?.release.previous else { return nil }
    return try read(compiled.config.resolve(previous), compiled, coders: coders, keys: keys)
  }

  /// Reads the plan at `path`, which must have been made with the same quasi-identifiers.
  static func read(
    _ path: String, _ compiled: CompiledPipeline, coders: [QuasiCoder], keys: KeyStore
  ) throws -> PreviousRelease {
    let (basis, contents) = try PlanFile.read(path) { try keys.find($0, fingerprint: $1) }
    let wanted = try Basis(compiled, coders: coders, keys: keys, models: false)
    try basis.among(wanted).mustBe(wanted, file: path)
    guard contents.columns.count == wanted.columnCount else {
      throw RunError(.inputOutput, "\(path): this is no usable plan: its columns do not agree")
    }
    var body = BodyWriter()
    basis.write(to: &body)
    contents.write(to: &body)
    return PreviousRelease(path: path, contents: contents, digest: StreamingSHA256.hex(body.bytes))
  }

  /// Returns the least level of each column of a table that is in step with the previous release: for global recoding
  /// its level; for classes with labels of their own the highest level, so that no class is cut. The current data may
  /// have fewer levels.
  func levels(_ table: QuasiTable) -> [Int] {
    zip(contents.columns, table.hierarchies).map { min(Int($0.levelOfClass.max() ?? 0), $1.height) }
  }

  /// Returns what becomes of the classes of the previous release, for local recoding. A risk limit may need larger
  /// classes than `k`, but the people who would be singled out are counted by `k`.
  func classes(_ table: QuasiTable, size: Int, k: Int, criteria: ClassCriteria) -> PreviousClasses {
    PreviousClasses(table, previous: contents, k: size, together: k, criteria: criteria)
  }

  /// Throws if a plan from a file would single out more people than the pipeline allows, or does not say how many.
  func check(planned: Intersection?, _ anonymity: AnonymityConfig, plan: String) throws(RunError) {
    if anonymity.release.intersectionLimit != nil, planned == nil {
      throw RunError(
        .mismatch,
        "\(plan) was decided without measuring what it and \(path) tell together, which 'intersection' limits\n"
          + "  decide anew:  veil anonymize decide")
    }
    try check(planned, anonymity)
  }

  /// Throws if more people would be singled out than the pipeline allows.
  func check(_ intersection: Intersection?, _ anonymity: AnonymityConfig) throws(RunError) {
    guard let limit = anonymity.release.intersectionLimit, let intersection, intersection.singledOut > limit else {
      return
    }
    throw RunError(
      .check,
      "together with \(path) this release singles people out, nothing was published: \(intersection.text); "
        + "'intersection' allows \(limit)\n  what would help: a larger 'suppress', or 'recoding: global' in both")
  }
}
