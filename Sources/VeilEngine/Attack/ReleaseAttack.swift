import VeilAnonymity
public import VeilConfig
import VeilGround

/// Attacks a release as somebody would who has it, and counts how often that succeeds on people of the original, and on
/// people of a control group who are not in the release (Giomi et al. 2023, "A unified framework for quantifying privacy
/// risk in synthetic data", PoPETs 2023(2)). Labels are predicates here: what a label covers is compared, not distances.
///
/// All three files are in memory, four bytes for each value and each different value once, of the fields that all of them
/// have. The result depends on the files and the seed alone.
public struct ReleaseAttack: Sendable {
  /// What is attacked, and with what.
  public struct Request: Sendable {
    public var release: String
    public var original: String
    public var control: String
    /// The form of the original and the control.
    public var format: DataFormat?
    public var csv = CSVDialect()
    /// Their encoding; nil: the pipeline's, or what a byte order mark says.
    public var encoding: TextEncoding?
    public var pipeline: CompiledPipeline?
    public var recipient: String?
    /// The fields that others know; empty: the pipeline's quasi-identifiers, or the fields that the release made coarser.
    public var known: [String] = []
    /// The fields to guess; empty: the pipeline's sensitive fields, or all that are not known.
    public var secrets: [String] = []
    /// The known fields that one of two data sets has which are linked; empty: every other one.
    public var linked: [String] = []
    public var attempts = 2000
    public var seed: UInt64 = 1
    /// How many threads work; any number gives the same figures.
    public var threads = WorkerThread.processorCount

    public init(release: String, original: String, control: String) {
      (self.release, self.original, self.control) = (release, original, control)
    }
  }

  public let risks: ThreeRisks
  let request: Request
  let known: [String]
  let secrets: [String]
  let records: (release: Int, original: Int, control: Int)

  /// What a pipeline says of the fields of a release.
  struct Rules {
    /// The hierarchies of fields, by name.
    var hierarchies: [String: LeafRule] = [:]
    var quasi: [String] = []
    var sensitive: [String] = []
    /// All fields that leave, but for what is the same in every record.
    var leaving: [String] = []

    init(_ view: CompiledPipeline?) throws {
      guard let view else { return }
      let fields = view.fields.filter { !$0.isDropped }
      let paths = view.quasiPaths
      for (path, coder) in zip(paths, try Recoding.coders(of: paths, view.config)) {
        hierarchies[Rules.name(path)] = coder.rule
      }
      let named = fields.map { (Rules.name($0.config.path), $0) }
      leaving = named.filter { $0.1.fate != .nothing }.map(\.0)
      quasi = paths.map(Rules.name).filter { leaving.contains($0) }
      sensitive = named.filter { $0.1.config.fieldClass == .sensitive }.map(\.0)
    }

    static func name(_ path: FieldPath) -> String { path.singleKey ?? path.description }
  }

  /// Throws if the control is another file, or a part of it with all records in the same order, to the byte: then nobody
  /// was held out, and each attack would succeed on the control as on the people of the release.
  private static func requireHeldOut(_ control: AttackTable, of others: [AttackTable]) throws(RunError) {
    for other in others where !control.digests.isEmpty {
      var found = 0
      for digest in other.digests where found < control.digests.count && digest == control.digests[found] { found += 1 }
      guard found == control.digests.count else { continue }
      throw RunError(
        .invalid,
        "\(control.path): every record of it stands in \(other.path), too: a control has records that were held out, of "
          + "people who are not in the release")
    }
  }

  /// Attacks a release that was read, with what was read of the original and the control.
  init(
    _ request: Request, release: AttackTable, original: AttackTable, control: AttackTable, rules: Rules
  ) throws {
    try Self.requireHeldOut(control, of: [original, release])
    let known = request.known.isEmpty ? rules.quasi : request.known
    let data = try AttackData(
      release: release, original: original, control: control, rules: rules.hierarchies,
      known: known.isEmpty ? nil : known)
    guard !data.known.isEmpty else {
      throw RunError(
        .invalid,
        "no field of \(request.release) was made coarser: name the fields that others know with --quasi A,B,C")
    }
    let wanted = request.secrets.isEmpty ? rules.sensitive : request.secrets
    for name in request.secrets where !data.fields.contains(where: { $0.name == name && !$0.isKnown }) {
      throw RunError(
        .invalid, "'\(ShownName.text(name))' cannot be guessed: it is known, or not in all of the three files")
    }
    for name in request.linked where !data.fields.contains(where: { $0.name == name && $0.isKnown }) {
      throw RunError(.invalid, "'\(ShownName.text(name))' is no field that others know")
    }
    let others = data.others.filter { wanted.isEmpty || wanted.contains(data.fields[$0].name) }
    let classes = ReleaseClasses(data)
    let threads = request.threads
    var risks = ThreeRisks(
      singlingOut: SinglingOutAttack(data: data, attempts: request.attempts, seed: request.seed, threads: threads)
        .run(),
      linkability: LinkabilityAttack(
        data: data, classes: classes, first: request.linked.isEmpty ? nil : request.linked,
        attempts: request.attempts, seed: request.seed
      ).run(),
      inference: InferenceAttack(
        data: data, classes: classes, secrets: others, attempts: request.attempts, seed: request.seed, threads: threads
      ).run())
    let compared = Set(data.fields.map(\.name)).union(data.silent)
    risks.notCompared =
      data.incomparable + rules.leaving.filter { !compared.contains($0) && !data.incomparable.contains($0) }
    self.risks = risks
    self.request = request
    self.known = data.known.map { data.fields[$0].name }
    secrets = others.map { data.fields[$0].name }
    records = data.records
  }
}
