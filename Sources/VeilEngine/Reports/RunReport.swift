import VeilConfig
import VeilCrypto
import VeilGround

/// What a run did: the source for the closing line and for the manifest. It has figures and places, no values.
public struct RunReport {
  public let tally: Tally
  /// The paths of the exports, one for each sink.
  public let outputPaths: [String]
  public let isDryRun: Bool
  /// The bad records that were skipped: where they are, and why.
  public var badRecords: [String] { tally.located }
  let manifest: JSONValue
  private let lineage: JSONValue?
  /// Where the manifest is written.
  let manifestPath: String?
  let inputs: [RunInput.Digest]
  let outputs: [RunInput.Digest]
  private let loss: Double?
  /// The claim about the classes; nil if nothing was recoded.
  private let claim: String?
  private let suppressed: Int
  private let findings: [ModelFinding]
  private let corrections: ListSummary?
  /// What was measured on the fields of each export.
  let measured: [JSONValue]
  /// The label of each export.
  private let labels: [String]
  /// The labels with their conditions, for the report.
  let labelValues: [JSONValue]
  /// The three risks of each export that was measured against a control.
  let riskValues: [JSONValue]

  init(
    _ compiled: CompiledPipeline, _ job: RunJob, tally: Tally, input: RunInput,
    outputs: [RunOutput], keys: KeyStore, lists: RunLists?, recoding: Recoding?, averages: Microaggregation? = nil,
    measured: [[MeasuredField]], risks: [ThreeRisks?]
  ) {
    self.tally = tally
    manifestPath = job.options.manifest
    outputPaths = outputs.map { $0.path == "-" ? "standard output" : $0.path }
    isDryRun = job.options.isDryRun
    loss = recoding?.loss
    inputs = input.digests
    self.outputs = outputs.compactMap(\.digest)
    claim = recoding?.claim
    suppressed = recoding?.applied.suppressed ?? tally.suppressed
    findings = recoding?.findings ?? []
    corrections = lists?.corrections?.summary
    let labels = zip(zip(compiled.views, measured), risks).map { own, risks in
      let (view, measured) = own
      var evidence = recoding?.evidence ?? .none
      evidence.fieldsThatTellApart = measured.filter(\.tellsApart).map(\.name)
      evidence.orderIsFree = view.config.order == .keyed
      evidence.layoutIsFree = view.config.writesOneForm
      if let risks { evidence.add(risks) }
      return ExportLabel(view, evidence: evidence, part: recoding?.partOnly, measured: measured)
    }
    self.labels = labels.map(\.text)
    labelValues = labels.map { .object([("label", .text($0.text)), ("conditions", $0.conditionValue)]) }
    riskValues = zip(outputPaths, risks).compactMap { path, risks in
      risks.map { risks in
        .object(
          [("path", .text(path)), ("not_compared", .array(risks.notCompared.map { .text($0) }))] + risks.members)
      }
    }
    manifest = Manifest.value(
      compiled, job, labels: labels, tally: tally, input: input, outputs: outputs, keys: keys, lists: lists,
      recoding: recoding, averages: averages, measured: measured)
    self.measured = zip(outputPaths, measured).map {
      .object([("path", .text($0)), ("fields", .array($1.map(MeasuredDocument.field)))])
    }
    lineage =
      job.options.lineage == nil
      ? nil
      : Lineage.event(
        compiled, job.options, input: input, outputs: outputs, tally: tally)
  }

  /// One line for a person at a terminal.
  public var summary: String {
    var parts = ["read \(tally.read)", "\(isDryRun ? "would write" : "wrote") \(tally.written)"]
    for (name, count) in tally.excludedByReason {
      let why = name == "consent" ? tally.consentReasons.map { "\($0.count) \($0.name)" }.joined(separator: ", ") : ""
      parts.append("\(count) excluded by \(name)" + (why.isEmpty ? "" : " (\(why))"))
    }
    if suppressed > 0 {
      parts.append("\(suppressed) suppressed\(tally.suppressed == 0 ? " and kept" : "")")
    }
    if tally.bad > 0 { parts.append("\(tally.bad) bad") }
    if let corrections {
      let figures = Dictionary(corrections.counts.map { ($0.name, $0.count) }) { first, _ in first }
      parts.append("\(figures["applied"] ?? 0) of \(figures["corrections"] ?? 0) corrections applied")
    }
    var line = parts.joined(separator: ", ")
    if let claim {
      line += "; \(claim)"
      for finding in findings { line += "; \(finding.text): met" }
      if let loss { line += ", loss \(Self.rounded(loss))" }
    }
    if labels.count == 1 { line += "; \(labels[0])" }
    let places = zip(outputPaths, labels).map { labels.count == 1 ? $0 : "\($0) (\($1))" }
    return isDryRun ? line + " (dry run: nothing was published)" : line + " -> \(places.joined(separator: ", "))"
  }

  /// Adds the lineage event, the manifest and the audit line to what is published, as the last items.
  func account(_ options: RunOptions, _ set: PublicationSet) throws {
    if let path = options.lineage, let lineage { try Publication.add(lineage, to: path, in: set, isCompanion: true) }
    if let path = options.manifest { try Publication.add(manifest, to: path, in: set) }
    if let path = options.audit {
      let line = RunAuditLine.members(manifest, path: options.manifest)
      let log = AuditLog(path: path)
      // If the publication fails after this line, the line about the failed run revokes it.
      set.announce { try log.append("run", [("result", .text("publishing"))] + line) }
    }
  }

  private static func rounded(_ value: Double) -> String { "\((value * 10000).rounded() / 10000)" }
}
