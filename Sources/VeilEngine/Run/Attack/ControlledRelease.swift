import VeilConfig
import VeilCrypto
public import VeilGround

extension ReleaseAttack {
  /// Attacks a published file.
  public static func run(_ request: Request) throws(RunError) -> ReleaseAttack {
    do {
      let view = try request.pipeline?.view(of: request.release, recipient: request.recipient)
      let rules = try Rules(view)
      guard let view else {
        var held = AttackTable.Form(format: request.format, csv: request.csv, encoding: request.encoding)
        let original = try AttackTable(reading: request.original, held)
        held.names = Set(original.columns.map(\.name))
        let control = try AttackTable(reading: request.control, held)
        let release = AttackTable.Form(names: held.names?.intersection(control.columns.map(\.name)))
        return try ReleaseAttack(
          request, release: AttackTable(reading: request.release, release), original: original, control: control,
          rules: rules)
      }
      var pipeline = HeldRecords.pipeline(view)
      if let format = request.format { pipeline.config.source.format = format }
      if let encoding = request.encoding { pipeline.config.source.encoding = encoding }
      pipeline.config.source.csv = request.csv
      let options = RunOptions(toolVersion: "")
      let original = try HeldRecords.table(pipeline, request.original, options: options)
      let control = try HeldRecords.table(pipeline, request.control, options: options)
      let form = AttackTable.Form(of: view, path: request.release, comparing: original)
      return try ReleaseAttack(
        request, release: AttackTable(reading: request.release, form), original: original, control: control,
        rules: rules)
    } catch {
      throw RunError(any: error)
    }
  }

  /// The three risks of each export of a run, measured before it is published; nil for one that has no records, or no
  /// field that others know.
  /// - Parameter outputs: what was written, with a copy of each.
  static func risks(
    of outputs: [RunOutput], _ compiled: CompiledPipeline, _ context: RunContext, _ job: RunJob, keys: KeyStore
  ) throws -> [ThreeRisks?] {
    guard let path = compiled.config.anonymity?.control else { return outputs.map { _ in nil } }
    return try zip(outputs, context.views).map { output, view in
      guard let copy = output.copy, output.hasRecords else { return nil }
      let pipeline = HeldRecords.pipeline(view.pipeline)
      let held = try context.view(pipeline, like: view)
      let original = try HeldRecords.table(held, context, name: context.inputName, judges: false)
      let control = try HeldRecords.table(
        pipeline, compiled.config.resolve(path), options: job.options, keys: keys)
      guard control.records > 0 else { throw RunError(.invalid, "\(path): the control has no records") }
      let rules = try Rules(view.pipeline)
      let form = AttackTable.Form(of: view.pipeline, path: output.path, comparing: original)
      let release = try AttackTable(output.path, form, from: copy.source(), output.format)
      guard release.records > 0, rules.quasi.contains(where: { name in release.columns.contains { $0.name == name } })
      else { return nil }
      var request = Request(release: output.path, original: context.inputName, control: path)
      request.threads = context.threads
      return try ReleaseAttack(
        request, release: release, original: original, control: control, rules: rules
      ).risks
    }
  }
}

extension AttackTable.Form {
  /// The form of what a view publishes.
  /// - Parameter original: has the fields that are compared.
  init(of view: CompiledPipeline, path: String, comparing original: AttackTable) {
    self.init()
    let sink = view.config.sinks[0]
    let made = sink.format ?? DataFormat(fileName: path) ?? sink.path.flatMap { DataFormat(fileName: $0) }
    format = made ?? view.config.source.format
    csv = sink.csv
    published = PublishedForm(sink, isText: format?.isSeparated ?? true)
    // What is not at the top of a record can only be found by its path.
    paths = view.fields.filter { !$0.isDropped }.map(\.config.path)
    names = Set(original.columns.map(\.name))
  }
}
