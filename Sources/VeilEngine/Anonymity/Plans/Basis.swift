import VeilConfig
import VeilCrypto

/// What a histogram or plan depends on, as named facts: the quasi-identifiers, their stages and hierarchies, whom is
/// counted and, for a plan, the privacy model. A file is used only where every fact is the pipeline's own.
struct Basis: Sendable, Equatable {
  struct Fact: Sendable, Equatable {
    /// As messages call it: `k`, `the hierarchy of 'age'`.
    var name: String
    /// Readable, or the hex of a digest where it is long.
    var value: String
  }
  private(set) var facts: [Fact]

  init(facts: [Fact]) { self.facts = facts }

  /// How many quasi-identifiers there are.
  var columnCount: Int { facts.count { $0.name.hasPrefix(Self.hierarchyOf) } }

  private static let hierarchyOf = "the hierarchy of "

  /// What a histogram depends on; without `models`, what the classes of any release depend on.
  init(_ compiled: CompiledPipeline, coders: [QuasiCoder], keys: KeyStore, models: Bool = true) throws {
    let config = compiled.config
    let fields = compiled.fields.filter { $0.quasiIndex != nil }.sorted { $0.quasiIndex ?? 0 < $1.quasiIndex ?? 0 }
    facts = [
      Fact(name: "the list of quasi-identifiers", value: fields.map(\.config.path.description).joined(separator: ", "))
    ]
    for (field, coder) in zip(fields, coders) {
      let name = field.config.path.description
      facts += try Self.stages(of: field, config: config, keys: keys)
      facts.append(Fact(name: "\(Self.hierarchyOf)'\(name)'", value: StreamingSHA256.hex(coder.basis)))
    }
    facts.append(Fact(name: "who is counted", value: Self.counted(compiled)))
    let sensitive = models ? CriteriaBuilder.fields(config.anonymity) : []
    guard !sensitive.isEmpty else { return }
    facts.append(
      Fact(
        name: "the list of sensitive fields under a model",
        value: sensitive.map(\.description).joined(separator: ", ")))
    // Their values are in the histogram.
    facts.append(Fact(name: "how sensitive values leave", value: compiled.publishedForm.words))
    for path in sensitive {
      if let field = compiled.fields.first(where: { $0.config.path == path }) {
        facts += try Self.stages(of: field, config: config, keys: keys)
      }
    }
  }

  /// Digests of people who are told apart in different forms do not go together.
  private static func counted(_ compiled: CompiledPipeline) -> String {
    guard compiled.config.countsSubjects, let subject = compiled.config.source.subject else { return "records" }
    let form = compiled.subjectForm.text
    return "people, by \(subject)" + (form.isEmpty ? "" : ", in the form of \(form)")
  }

  /// What a plan depends on beside it: the privacy model and how it is to be reached.
  func with(
    _ compiled: CompiledPipeline, _ anonymity: AnonymityConfig, previous: PreviousRelease?
  ) throws(RunError) -> Basis {
    let weights = compiled.weights
    var basis = self
    basis.facts += [
      Fact(name: "k", value: "\(anonymity.k)"),
      Fact(name: "recoding", value: anonymity.recoding.rawValue),
      Fact(name: "labels", value: anonymity.labels.rawValue),
      Fact(name: "the weights of quasi-identifiers", value: weights.map { "\($0)" }.joined(separator: ", ")),
      Fact(name: "suppress", value: "\(anonymity.suppress.fraction)"),
      Fact(name: "the release before", value: previous?.digest ?? "none"),
    ]
    if anonymity.suppressed == .keep {
      basis.facts.append(Fact(name: "that suppressed records stay", value: "yes"))
    }
    if anonymity.hasModels {
      basis.facts.append(
        Fact(name: "the privacy models", value: StreamingSHA256.hex(try Self.models(compiled.config, anonymity))))
    }
    return basis
  }

  /// All that is asked besides k, as bytes.
  private static func models(_ config: PipelineConfig, _ anonymity: AnonymityConfig) throws(RunError) -> [UInt8] {
    var body = BodyWriter()
    for demand in anonymity.models {
      body.write(demand.field.description)
      body.write("\(demand.model)")
    }
    let hierarchies = try CriteriaBuilder(config, anonymity).hierarchies
    for (index, coder) in hierarchies.sorted(by: { $0.key < $1.key }) {
      body.write(index)
      body.write(coder.basis)
    }
    body.write("\(anonymity.risk) \(anonymity.kMap ?? 0)")
    if let presence = anonymity.presence { body.write("\(presence)") }
    body.write(anonymity.population?.file ?? "")
    return body.bytes
  }

  /// The facts that another basis has too, by name.
  func among(_ other: Basis) -> Basis {
    var basis = self
    basis.facts = facts.filter { fact in other.facts.contains { $0.name == fact.name } }
    return basis
  }

  /// Throws `.mismatch` where a fact is another one for the pipeline. `file` is a histogram or plan of that path.
  func mustBe(_ wanted: Basis, file: String) throws(RunError) {
    var problems: [String] = []
    for fact in wanted.facts {
      guard let own = facts.first(where: { $0.name == fact.name }) else {
        problems.append("it knows nothing of \(fact.name)")
        continue
      }
      if own.value == fact.value { continue }
      let isReadable = own.value.utf8.count < 60 && fact.value.utf8.count < 60
      problems.append(
        isReadable
          ? "\(fact.name) was \(ShownName.text(own.value)) and is \(ShownName.text(fact.value))"
          : "\(fact.name) is not what it was")
    }
    for own in facts where !wanted.facts.contains(where: { $0.name == own.name }) {
      problems.append("it was made with \(ShownName.text(own.name)), which the pipeline does not have")
    }
    if problems.isEmpty { return }
    throw RunError(
      .mismatch,
      "\(file) was made for another pipeline\n  \(problems.joined(separator: "\n  "))\n"
        + "  make it anew with this pipeline, or use the pipeline that it was made with")
  }

  // MARK: Saving

  func write(to body: inout BodyWriter) {
    body.write(facts.count)
    for fact in facts {
      body.write(fact.name)
      body.write(fact.value)
    }
  }

  init(from body: inout BodyReader) throws(MalformedFile) {
    facts = []
    for _ in 0..<(try body.count(width: 2)) { facts.append(Fact(name: try body.string(), value: try body.string())) }
  }
}

extension QuasiCoder {
  /// All that decides how values become groups, as bytes.
  fileprivate var basis: [UInt8] {
    var body = BodyWriter()
    switch rule {
    case .file(let hierarchy):
      body.write("listed")
      for level in 0...hierarchy.height {
        for group in 0..<hierarchy.groupCount(level: level) { body.write(hierarchy.label(level: level, group: group)) }
        for group in hierarchy.groups(level: level) { body.write(group) }
      }
    case .date(let levels): body.write("date \(levels)")
    case .prefix(let length): body.write("prefix \(length)")
    case .interval(let rule): body.write("interval \(rule)")
    case .autoInterval(let kind, let levels): body.write("automatic intervals \(kind) \(levels)")
    case .cuts(let cuts): body.write("intervals \(cuts)")
    case .ip(let rule): body.write("networks \(rule)")
    case .none: body.write("none")
    }
    body.write(takesUnknown ? 1 : 0)
    return body.bytes
  }
}
