import VeilConfig
import VeilCrypto
import VeilGround

/// The declared checks of a run: collects what inspectors find, and decides at the end.
///
/// Used by the station whose turn it is, and at the end by the thread that runs the pipeline.
final class DeclaredChecks {
  /// A field with more different values than this cannot be verified, and breaks the check.
  private static let uniqueLimit = 50_000_000

  private let checks: [CheckConfig]
  private let key = SecretBytes.random(count: 32)
  private var violations: [Int]
  /// For each check, the first place where it was broken.
  private var places: [String?]
  private var seen: [Int: DigestSet] = [:]
  /// The `unique` checks that met more values than can be verified.
  private var overfull: Set<Int> = []

  init(_ checks: [CheckConfig]) {
    self.checks = checks
    violations = Array(repeating: 0, count: checks.count)
    places = Array(repeating: nil, count: checks.count)
  }

  /// Makes the inspectors that look at the values of one thread, one for each view; nil if no check needs one. A field
  /// is inspected in the form that it has for the first sink that gets it.
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

  /// Adds the findings of one batch. `recordsBefore` is the number of records of the file before this batch.
  func add(_ inspector: FieldInspector, file: String, recordsBefore: Int) {
    for (check, finding) in inspector.findings {
      var finding = finding
      // The digests are added in input order, so that of two equal values the later one is reported.
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

  /// Returns the result of each check. `manifest` is the manifest that the run replaces.
  func results(
    _ tally: Tally, _ recoding: Recoding?, measured: [[MeasuredField]], config: PipelineConfig, manifest: String?
  ) -> [CheckResult] {
    checks.enumerated().map { index, check in
      let (passed, detail) = judge(
        check, at: index, tally: tally, recoding: recoding, measured: measured, config: config, manifest: manifest)
      return CheckResult(name: check.name, isError: check.severity == .error, passed: passed, detail: detail)
    }
  }

  private func judge(
    _ check: CheckConfig, at index: Int, tally: Tally, recoding: Recoding?,
    measured: [[MeasuredField]], config: PipelineConfig, manifest: String?
  ) -> (passed: Bool, detail: String) {
    let suppressed = recoding?.applied.suppressed ?? 0
    switch check.kind {
    case .maxDropped(let limit):
      let dropped = tally.read - tally.written
      return (dropped <= limit.most(of: tally.read), "\(dropped) of \(tally.read) records were dropped")
    case .minRecords(let least):
      return (tally.written >= least, "\(tally.written) records leave")
    case .k(let k):
      // The check judges the records that leave: a plan from a file may make its promise for more records than these.
      guard let recoding else { return (false, "no classes were made") }
      let (_, classes, smallest) = recoding.published
      // Suppressed records that stay are alike, too.
      if let kept = recoding.kept?.people, kept < k, kept < smallest || classes == 0 {
        return (false, "the suppressed records that stay hold \(kept)")
      }
      // If no record is in a class, then nobody is in a class that is too small.
      guard classes > 0, tally.written > 0 else { return (true, "no class leaves") }
      return (smallest >= k, "the smallest class holds \(smallest)")
    case .candidates(let least):
      guard let recoding else { return (false, "no classes were made") }
      guard recoding.showsPeople else {
        return (true, "no token of the subject leaves, which would join a person's records")
      }
      guard let candidates = recoding.candidates else { return (true, "nobody's records leave") }
      return (
        candidates.fewest >= least,
        "over all of their records somebody has \(candidates.fewest) of \(candidates.people) people"
      )
    case .maxSuppressed(let limit):
      let total = tally.read - tally.excludedTotal - tally.bad
      return (suppressed <= limit.most(of: total), "\(suppressed) of \(total) records were suppressed")
    case .tellsApart(let except): return TellingApartCheck.judge(measured, except: except)
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
  /// Throws if a check of severity error is broken. Reports broken checks of severity warn.
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
  /// Returns whether values of a field leave to this sink.
  fileprivate func lets(_ path: FieldPath) -> Bool {
    pipeline.config.sinks[0].aggregate == nil
      && layout.fields.contains { $0.isEmitted && ($0.path == path || $0.name == path.description) }
  }
}
