import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

extension Basis {
  /// The facts that a histogram depends on; without `models`, the facts that the classes of any release depend on.
  init(_ compiled: CompiledPipeline, coders: [QuasiCoder], keys: KeyStore, models: Bool = true) throws {
    let config = compiled.config
    let fields = compiled.fields.filter { $0.quasiIndex != nil }.sorted { $0.quasiIndex ?? 0 < $1.quasiIndex ?? 0 }
    var facts = [
      Fact(name: "the list of quasi-identifiers", value: fields.map(\.config.path.description).joined(separator: ", "))
    ]
    for (field, coder) in zip(fields, coders) {
      let name = field.config.path.description
      facts += try Self.stages(of: field, config: config, keys: keys)
      facts.append(Fact(name: "\(Self.hierarchyOf)'\(name)'", value: StreamingSHA256.hex(coder.basis)))
    }
    facts.append(Fact(name: "who is counted", value: Self.counted(compiled)))
    let sensitive = models ? config.anonymity?.modelledFields ?? [] : []
    guard !sensitive.isEmpty else {
      self.init(facts: facts)
      return
    }
    facts.append(
      Fact(
        name: "the list of sensitive fields under a model",
        value: sensitive.map(\.description).joined(separator: ", ")))
    // The histogram holds the values of these fields.
    facts.append(Fact(name: "how sensitive values leave", value: compiled.publishedForm.words))
    for path in sensitive {
      if let field = compiled.fields.first(where: { $0.config.path == path }) {
        facts += try Self.stages(of: field, config: config, keys: keys)
      }
    }
    self.init(facts: facts)
  }

  /// Returns who is counted. Digests of people cannot be combined if people were identified by different forms of the
  /// value.
  private static func counted(_ compiled: CompiledPipeline) -> String {
    guard compiled.config.countsSubjects, let subject = compiled.config.source.subject else { return "records" }
    let form = compiled.subjectForm.text
    return "people, by \(subject)" + (form.isEmpty ? "" : ", in the form of \(form)")
  }

  /// Adds the facts that only a plan depends on: the privacy model and the way to reach it.
  func with(
    _ compiled: CompiledPipeline, _ anonymity: AnonymityConfig, previousDigest: String?
  ) throws(RunError) -> Basis {
    let weights = compiled.weights
    var basis = self
    basis.facts += [
      Fact(name: "k", value: "\(anonymity.k)"),
      Fact(name: "recoding", value: anonymity.recoding.rawValue),
      Fact(name: "labels", value: anonymity.labels.rawValue),
      Fact(name: "the weights of quasi-identifiers", value: weights.map { "\($0)" }.joined(separator: ", ")),
      Fact(name: "suppress", value: "\(anonymity.suppress.fraction)"),
      Fact(name: "the release before", value: previousDigest ?? "none"),
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

  /// Returns all privacy conditions besides k, as bytes.
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
}
