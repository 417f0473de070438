import VeilConfig
import VeilCrypto
import VeilGround

/// The declared checks of a run: gathers what inspectors find, and judges at the end.
///
/// Touched by the station whose turn it is, and at the end by the thread that runs the pipeline.
final class DeclaredChecks {
  /// More different values than these in one field are not verified, and break the check.
  private static let uniqueLimit = 50_000_000

  private let checks: [CheckConfig]
  private let key = SecretBytes.random(count: 32)
  private var violations: [Int]
  /// Where each check was broken first.
  private var places: [String?]
  private var seen: [Int: DigestSet] = [:]
  /// `unique` checks that met more values than can be verified.
  private var overfull: Set<Int> = []

  init(_ checks: [CheckConfig]) {
    self.checks = checks
    violations = Array(repeating: 0, count: checks.count)
    places = Array(repeating: nil, count: checks.count)
  }

  /// What looks at the values of one thread, for each view; nil where no check asks for any. A field is looked at as it
  /// leaves to the first sink that gets it.
  func inspectors(_ views: [ExportView]) throws(RunError) -> [FieldInspector?] {
    var chosen = views.map { _ in [Int]() }
    for (index, check) in checks.enumerated() {
      guard let path = check.field else { continue }
      guard let view = views.firstIndex(where: { $0.lets(path) }) else {
        throw RunError(
          .mismatch, "the check '\(check.name)' looks at what leaves, and no sink gets this field of the input")
      }
      chosen[view].append(index)
    }
    var inspectors: [FieldInspector?] = []
    for (view, indices) in zip(views, chosen) {
      inspectors.append(
        indices.isEmpty
          ? nil
          : try FieldInspector(
            indices.map { ($0, checks[$0]) }, layout: view.layout, emptyIsNull: view.sink.isSeparated, key: key))
    }
    return inspectors
  }

  /// Takes what was found in one batch. `recordsBefore` counts the records of the file in front of it.
  func add(_ inspector: FieldInspector, file: String, recordsBefore: Int) {
    for (check, finding) in inspector.findings {
      var finding = finding
      // In turn, so that of two equal values it is always the later one that is met again.
      for (digest, record) in finding.digests where !overfull.contains(check) {
        if seen[check, default: DigestSet()].insert(digest) { continue }
        finding.violations += 1
        finding.firstRecord = min(finding.firstRecord ?? record, record)
      }
      if seen[check]?.count ?? 0 > Self.uniqueLimit { overfull.insert(check) }
      violations[check] += finding.violations
      if places[check] == nil, let first = finding.firstRecord {
        places[check] = "\(file): record \(recordsBefore + first + 1)"
      }
    }
  }

  /// What became of each check. `manifest` is the one that the run replaces.
  func results(_ tally: Tally, _ recoding: Recoding?, config: PipelineConfig, manifest: String?)
    -> [CheckResult]
  {
    checks.enumerated().map { index, check in
      let (passed, detail) = judge(
        check, at: index, tally: tally, recoding: recoding, config: config, manifest: manifest)
      return CheckResult(name: check.name, isError: check.severity == .error, passed: passed, detail: detail)
    }
  }

  private func judge(
    _ check: CheckConfig, at index: Int, tally: Tally, recoding: Recoding?, config: PipelineConfig,
    manifest: String?
  ) -> (passed: Bool, detail: String) {
    let suppressed = recoding?.applied.suppressed ?? 0
    switch check.kind {
    case .maxDropped(let limit):
      let dropped = tally.read - tally.written
      return (dropped <= limit.most(of: tally.read), "\(dropped) of \(tally.read) records were dropped")
    case .minRecords(let least):
      return (tally.written >= least, "\(tally.written) records leave")
    case .k(let k):
      // Of what leaves: a plan from a file may promise it for more than that.
      guard let recoding else { return (false, "no classes were made") }
      let (_, classes, smallest) = recoding.published
      // Suppressed records that stay look alike, too.
      if let kept = recoding.kept?.people, kept < k, kept < smallest || classes == 0 {
        return (false, "the suppressed records that stay hold \(kept)")
      }
      // Without records in classes nobody is in one that is too small.
      guard classes > 0, tally.written > 0 else { return (true, "no class leaves") }
      return (smallest >= k, "the smallest class holds \(smallest)")
    case .maxSuppressed(let limit):
      let total = tally.read - tally.excludedTotal - tally.bad
      return (suppressed <= limit.most(of: total), "\(suppressed) of \(total) records were suppressed")
    case .notNull: return found(index, "without a value")
    case .unique:
      if overfull.contains(index) { return (false, "more than \(Self.uniqueLimit) different values: not verified") }
      return found(index, "with a value that another had before")
    case .acceptedValues: return found(index, "with another value", noun: "values")
    case .rowCount(let path, let share):
      return RowCountCheck.judge(
        written: tally.written, manifest: path.map { config.resolve($0) } ?? manifest, within: share)
    }
  }

  private func found(_ index: Int, _ what: String, noun: String = "records") -> (Bool, String) {
    guard violations[index] > 0 else { return (true, "none \(what)") }
    return (false, "\(violations[index]) \(noun) \(what), the first in \(places[index] ?? "an unknown place")")
  }
}

extension DeclaredChecks {
  /// Throws where a check of severity error is broken; reports those of severity warn.
  func enforce(_ results: [CheckResult], _ monitor: RunMonitor) throws(RunError) {
    monitor.note(results)
    for result in results where !result.passed && !result.isError {
      monitor.warn("check '\(result.name)' failed: \(result.detail)")
    }
    let broken = results.filter { !$0.passed && $0.isError }
    guard !broken.isEmpty else { return }
    let lines = broken.map { "check '\($0.name)' failed: \($0.detail)" }
    throw RunError(.check, "\(lines.joined(separator: "\n  "))\n  nothing was published")
  }
}

extension ExportView {
  /// Whether values of a field leave to this sink.
  fileprivate func lets(_ path: FieldPath) -> Bool {
    pipeline.config.sinks[0].aggregate == nil
      && layout.fields.contains { $0.isEmitted && ($0.path == path || $0.name == path.description) }
  }
}
