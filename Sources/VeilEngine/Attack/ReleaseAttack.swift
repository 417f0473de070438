import VeilAnonymity
public import VeilConfig
public import VeilGround

/// Attacks a release as somebody would who has it, and counts how often that succeeds on people of the original, and on
/// people of a control group who are not in the release (Giomi et al. 2023, "A unified framework for quantifying privacy
/// risk in synthetic data", PoPETs 2023(2)). Labels are predicates here: what a label covers is compared, not distances.
///
/// All three files are in memory, four bytes for each value and each different value once. The result depends on the
/// files and the seed alone.
public struct ReleaseAttack: Sendable {
  /// What is attacked, and with what.
  public struct Request: Sendable {
    public var release: String
    public var original: String
    public var control: String
    /// The form of the original and the control.
    public var format: DataFormat?
    public var csv = CSVDialect()
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

    public init(release: String, original: String, control: String) {
      (self.release, self.original, self.control) = (release, original, control)
    }
  }

  public let risks: ThreeRisks
  let request: Request
  let known: [String]
  let secrets: [String]
  let incomparable: [String]
  let records: (release: Int, original: Int, control: Int)

  public static func run(_ request: Request) throws(RunError) -> ReleaseAttack {
    do { return try ReleaseAttack(request) } catch { throw RunError(any: error) }
  }

  private init(_ request: Request) throws {
    let view = try request.pipeline?.view(of: request.release, recipient: request.recipient)
    var (rules, quasi, sensitive): ([String: LeafRule], [String], [String]) = ([:], [], [])
    var released = AttackTable.Form()
    var held = AttackTable.Form(format: request.format, csv: request.csv)
    if let view {
      let sink = view.config.sinks[0]
      let made = sink.format ?? DataFormat(fileName: request.release) ?? sink.path.flatMap { DataFormat(fileName: $0) }
      released.format = made ?? view.config.source.format
      released.csv = sink.csv
      released.published = PublishedForm(sink, isText: released.format?.isSeparated ?? true)
      // What is not at the top of a record can only be found by its path.
      released.paths = view.fields.filter { !$0.isDropped }.map(\.config.path)
      held.paths = released.paths
      for (path, coder) in zip(view.quasiPaths, try Recoding.coders(of: view.quasiPaths, view.config)) {
        rules[Self.name(path)] = coder.rule
      }
      quasi = view.quasiPaths.map(Self.name)
      sensitive = view.fields.filter { $0.config.fieldClass == .sensitive }.map { Self.name($0.config.path) }
    }
    let known = request.known.isEmpty ? quasi : request.known
    let data = try AttackData(
      release: AttackTable(request.release, released), original: AttackTable(request.original, held),
      control: AttackTable(request.control, held), rules: rules, known: known.isEmpty ? nil : known)
    guard !data.known.isEmpty else {
      throw RunError(
        .invalid,
        "no field of \(request.release) was made coarser: name the fields that others know with --quasi A,B,C")
    }
    let wanted = request.secrets.isEmpty ? sensitive : request.secrets
    for name in request.secrets where !data.fields.contains(where: { $0.name == name && !$0.isKnown }) {
      throw RunError(
        .invalid, "'\(ShownName.text(name))' cannot be guessed: it is known, or not in all of the three files")
    }
    for name in request.linked where !data.fields.contains(where: { $0.name == name && $0.isKnown }) {
      throw RunError(.invalid, "'\(ShownName.text(name))' is no field that others know")
    }
    let others = data.others.filter { wanted.isEmpty || wanted.contains(data.fields[$0].name) }
    let classes = ReleaseClasses(data)
    risks = ThreeRisks(
      singlingOut: SinglingOutAttack(data: data, attempts: request.attempts, seed: request.seed).run(),
      linkability: LinkabilityAttack(
        data: data, classes: classes, first: request.linked.isEmpty ? nil : request.linked,
        attempts: request.attempts, seed: request.seed
      ).run(),
      inference: InferenceAttack(
        data: data, classes: classes, secrets: others, attempts: request.attempts, seed: request.seed
      ).run())
    self.request = request
    self.known = data.known.map { data.fields[$0].name }
    secrets = others.map { data.fields[$0].name }
    incomparable = data.incomparable
    records = data.records
  }

  private static func name(_ path: FieldPath) -> String { path.singleKey ?? path.description }
}
