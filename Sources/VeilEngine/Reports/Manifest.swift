import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

/// The record of a run as JSON: what was read, what left, by which rules and keys. It holds no values of the data.
enum Manifest {
  /// - Parameter labels: the label of each sink's export.
  static func value(
    _ compiled: CompiledPipeline, _ options: RunOptions, labels: [ExportLabel], tally: Tally, input: RunInput,
    outputs: [RunOutput], keys: KeyStore, lists: RunLists?, recoding: Recoding?, averages: Microaggregation?
  ) -> JSONValue {
    let config = compiled.config
    let label = ExportLabel.ofAll(labels)
    let quarantine: JSONValue = options.quarantine?.manifest ?? .null
    return .object([
      ("manifest_version", .integer(1)),
      ("tool", .object([("name", .text("veil")), ("version", .text(options.toolVersion))])),
      ("run", .text(options.manifestRun ?? options.monitor.runID)),
      ("started", .text(options.monitor.started.description)),
      ("finished", .text(Timestamp.now().description)),
      ("as_of", .text((options.asOf ?? .today()).description)),
      ("pipeline", pipeline(compiled)),
      ("inputs", .array(input.digests.map(file))),
      (
        "outputs",
        .array(
          zip(outputs, zip(compiled.views, labels)).compactMap {
            output($0, $1.0, label: $1.1, tally: tally, options: options)
          })
      ),
      ("lists", .array(lists?.summaries.map(list) ?? [])),
      ("records", ReportDocument.records(tally)),
      ("keys", .object(keys.fingerprints.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })),
      ("fields", .array(compiled.fields.map(field))),
      ("unlisted", .text(config.unlisted.rawValue)),
      // The label of the export that says most about people.
      ("label", .text(label.text)),
      ("limitations", .array(label.limitations.map { .text($0) })),
      ("anonymity", recoding.map { anonymity($0, compiled) } ?? .null),
      ("microaggregation", averages?.manifest ?? .null),
      ("checks", .array(options.monitor.exportChecks.map(ReportDocument.check))),
      ("bad_records", .array(tally.located.map { .text($0) })),
      ("quarantine", quarantine),
    ])
  }

  static func pipeline(_ compiled: CompiledPipeline) -> JSONValue {
    let config = compiled.config
    return .object([
      ("name", .text(config.name)), ("path", .text(config.path)),
      ("sha256", .text(StreamingSHA256.hex(config.sourceBytes))),
      ("purpose", .optional(config.purpose)),
      ("recipient", .optional(compiled.views.count == 1 ? compiled.views[0].config.sinks[0].recipient : nil)),
    ])
  }

  static func file(_ digest: RunInput.Digest) -> JSONValue {
    .object([
      ("path", .text(digest.path)), ("bytes", .integer(digest.byteCount)), ("sha256", .text(digest.sha256)),
    ])
  }

  /// Returns what one recipient got. If there are several, the rules of each are here.
  private static func output(
    _ output: RunOutput, _ view: CompiledPipeline, label: ExportLabel, tally: Tally, options: RunOptions
  ) -> JSONValue? {
    guard let digest = output.digest, case .object(var members) = file(digest) else { return nil }
    members += ExportFacts.members(output, view, options: options)
    members += [
      ("label", .text(label.text)), ("limitations", .array(label.limitations.map { .text($0) })),
      ("format", .text(output.format.rawValue)), ("recipient", .optional(output.recipient)),
      ("records", .integer(tally.written)), ("order", order(of: view)), ("fields", .array(view.fields.map(field))),
    ]
    if let certificate = output.certificate {
      members.append(
        (
          "encryption",
          .object([
            ("form", .text("CMS AuthEnvelopedData, DER")), ("cipher", .text("AES-256-GCM")),
            ("certificate_sha256", .text(certificate.fingerprint)),
          ])
        ))
    }
    if let aggregate = output.aggregate { members.append(("aggregate", aggregate.manifest)) }
    return .object(members)
  }

  /// Returns the order in which the records of an export stand; null for figures, which have none.
  static func order(of view: CompiledPipeline) -> JSONValue {
    view.config.sinks[0].aggregate == nil ? .text(view.config.order.rawValue) : .null
  }

  private static func list(_ list: ListSummary) -> JSONValue {
    .object(
      [
        ("list", .text(list.what)), ("path", .text(list.path)), ("bytes", .integer(list.bytes)),
        ("sha256", .text(list.sha256)), ("records", .integer(list.records)),
      ] + list.counts.map { ($0.name, .integer($0.count)) })
  }

  private static func field(_ field: CompiledField) -> JSONValue {
    .object([
      ("field", .text(field.config.path.description)), ("class", .text(field.config.fieldClass.rawValue)),
      ("stages", .array(field.config.stages.map { .text($0.name) })),
      ("leaves", .bool(!field.isDropped)), ("fate", .text(field.fate?.name ?? "dropped")),
      ("because", .optional(field.config.because)),
    ])
  }

  /// Returns a model besides k, and what was measured on the published classes. A measure without a bound is null.
  private static func model(_ finding: ModelFinding) -> JSONValue {
    .object([
      ("model", .text(finding.model)), ("field", .optional(finding.field)), ("demanded", .number(finding.demanded)),
      ("measured", finding.measured.isFinite ? .number(finding.measured) : .null), ("met", .bool(finding.holds)),
    ])
  }

  private static func anonymity(_ recoding: Recoding, _ compiled: CompiledPipeline) -> JSONValue {
    let summary = recoding.summary
    let names = compiled.fields.filter { $0.quasiIndex != nil }
      .sorted { $0.quasiIndex ?? 0 < $1.quasiIndex ?? 0 }.map(\.config.path.description)
    return .object(
      [
        ("model", .text("k-anonymity")), ("k", .integer(summary.k)), ("recoding", .text(summary.recoding.rawValue)),
        ("count", .text(summary.countsSubjects ? "subjects" : "records")),
        ("people", .optional(recoding.published.people)), ("classes", .integer(recoding.published.classes)),
        ("smallest_class", .integer(recoding.published.smallestClass)),
        ("models", .array(recoding.findings.map(model))),
        ("suppressed_records", .integer(recoding.applied.suppressed)),
        ("kept_suppressed", recoding.kept?.manifest ?? .null), ("loss", recoding.loss.map { .number($0) } ?? .null),
        (
          "quasi_identifiers",
          .array(
            zip(names, summary.columns).map { name, column in
              .object([
                ("field", .text(name)), ("level", column.level.map { .integer($0) } ?? .null),
                ("levels", .integer(column.height)),
                ("loss", recoding.isWhole ? .number(column.loss) : .null),
              ])
            })
        ),
      ] + recoding.figures)
  }
}
