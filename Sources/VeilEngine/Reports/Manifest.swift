import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

/// The record of a run as JSON: what was read, what left, by which rules and keys. It holds no values of the data.
enum Manifest {
  /// - Parameter labels: the label of each sink's export.
  static func value(
    _ compiled: CompiledPipeline, _ job: RunJob, labels: [ExportLabel], tally: Tally, input: RunInput,
    outputs: [RunOutput], keys: KeyStore, lists: RunLists?, recoding: Recoding?, averages: Microaggregation?,
    measured: [[MeasuredField]]
  ) -> JSONValue {
    let config = compiled.config
    let label = ExportLabel.ofAll(labels)
    let quarantine: JSONValue = job.quarantine?.manifest ?? .null
    return .object([
      ("manifest_version", .integer(1)),
      ("tool", .object([("name", .text("veil")), ("version", .text(job.options.toolVersion))])),
      ("run", .text(job.manifestRun)),
      ("started", .text(job.monitor.started.description)),
      ("finished", .text(Timestamp.now().description)),
      ("as_of", .text(job.day.description)),
      ("pipeline", pipeline(compiled)),
      ("inputs", .array(input.digests.map(file))),
      (
        "outputs",
        .array(
          outputs.indices.compactMap {
            output(
              outputs[$0], compiled.views[$0], label: labels[$0], measured: measured[$0], tally: tally, job: job
            )
          })
      ),
      ("lists", .array(lists?.summaries.map(list) ?? [])),
      ("records", ReportDocument.records(tally)),
      ("keys", .object(keys.fingerprints.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })),
      ("digests", .text(DigestMaker.description)),
      ("fields", .array(compiled.fields.map { field($0, met: met($0, outputs.first, tally)) })),
      ("unlisted", .text(config.unlisted.rawValue)),
      // The label of the export that says most about people.
      ("label", .text(label.text)),
      ("limitations", .array(label.limitations.map { .text($0) })),
      ("label_conditions", label.conditionValue),
      ("anonymity", recoding.map { anonymity($0, compiled) } ?? .null),
      ("microaggregation", averages?.manifest ?? .null),
      ("checks", .array(job.monitor.exportChecks.map(ReportDocument.check))),
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
    _ output: RunOutput, _ view: CompiledPipeline, label: ExportLabel, measured: [MeasuredField], tally: Tally,
    job: RunJob
  ) -> JSONValue? {
    guard let digest = output.digest, case .object(var members) = file(digest) else { return nil }
    members += ExportFacts.members(output, view, job: job)
    members += [
      ("label", .text(label.text)), ("limitations", .array(label.limitations.map { .text($0) })),
      ("label_conditions", label.conditionValue),
      ("format", .text(output.format.rawValue)), ("recipient", .optional(output.recipient)),
      ("records", .integer(tally.written)), ("order", order(of: view)),
      ("fields", .array(view.fields.map { field($0, met: met($0, output, tally)) })),
      ("measured", .array(measured.map(MeasuredDocument.field))),
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

  /// Returns how often a rule was met: how many values stood at its path. A CSV file has one for each record.
  private static func met(_ field: CompiledField, _ output: RunOutput?, _ tally: Tally) -> Int {
    guard let output, let counts = output.ruleCounts else {
      return output?.hasField(field.config.path) == false ? 0 : tally.read
    }
    return zip(output.fieldPaths, counts.met).first { $0.0 == field.config.path }?.1 ?? 0
  }

  private static func field(_ field: CompiledField, met: Int) -> JSONValue {
    .object([
      ("field", .text(field.config.path.description)), ("class", .text(field.config.fieldClass.rawValue)),
      ("stages", .array(field.config.stages.map { .text($0.name) })),
      ("leaves", .bool(!field.isDropped)), ("fate", .text(field.fateName)),
      ("because", .optional(field.config.because)), ("met", .integer(met)),
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
