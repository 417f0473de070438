import VeilConfig
import VeilCrypto
import VeilGround

/// Looks at the values that leave in one batch, for the declared checks on fields. Belongs to one thread.
///
/// To be asked when the batch has been encoded: only then is it known which records leave.
final class FieldInspector {
  /// What one check found in one batch.
  struct Finding {
    /// Values, or records without one, that break the check.
    var violations = 0
    /// The first record with one, counted from zero within the batch.
    var firstRecord: Int?
    /// For `unique`, each value's digest with its record.
    var digests: [(digest: DigestSet.Digest, record: Int)] = []
  }

  private struct Subject {
    /// Its place among the pipeline's checks.
    let check: Int
    let kind: CheckConfig.Kind
    let column: Int
    /// Whether a record may have any number of values, none included.
    let isList: Bool
    let accepted: Set<[UInt8]>
  }

  private let subjects: [Subject]
  /// Whether an empty text leaves as no value, as in CSV.
  private let emptyIsNull: Bool
  private let context: HMACContext
  private var scratch = [UInt8](repeating: 0, count: 32)
  /// What was found in the last batch, with the check's place.
  private(set) var findings: [(check: Int, finding: Finding)] = []

  init(
    _ checks: [(Int, CheckConfig)], layout: Layout, emptyIsNull: Bool, key: SecretBytes
  ) throws(RunError) {
    self.emptyIsNull = emptyIsNull
    context = HMACContext(algorithm: .sha256, key: key)
    var subjects: [Subject] = []
    for (index, check) in checks {
      guard let path = check.field else { continue }
      guard let column = layout.column(of: path) else {
        throw RunError(.mismatch, "the input has no field '\(path)', which the check '\(check.name)' looks at")
      }
      var accepted: Set<[UInt8]> = []
      if case .acceptedValues(_, let values) = check.kind { accepted = Set(values.map { Array($0.utf8) }) }
      subjects.append(
        Subject(
          check: index, kind: check.kind, column: column, isList: path.steps.contains(.elements), accepted: accepted))
    }
    self.subjects = subjects
  }

  func inspect(_ batch: Batch) {
    findings = subjects.map { ($0.check, inspect(batch, $0)) }
  }

  private func inspect(_ batch: Batch, _ subject: Subject) -> Finding {
    let column = batch.columns[subject.column]
    // The batch was encoded: what the column holds from now on is for the checks alone.
    column.unescape(batch.escapes)
    var finding = Finding()
    if case .notNull = subject.kind {
      let empty = emptyRecords(column, batch, isList: subject.isList)
      finding.violations = empty.count
      finding.firstRecord = empty.first
      return finding
    }
    for index in 0..<column.cells.count {
      let (cell, record) = (column.cells[index], column.record(ofCell: index))
      guard batch.isLive(record), !isNull(cell) else { continue }
      let bytes = unsafe column.base + cell.offset
      if case .unique = subject.kind {
        finding.digests.append((unsafe digest(bytes, count: cell.count), record))
      } else if unsafe !subject.accepted.contains(Array(UnsafeBufferPointer(start: bytes, count: cell.count))) {
        finding.violations += 1
        finding.firstRecord = min(finding.firstRecord ?? record, record)
      }
    }
    return finding
  }

  private func isNull(_ cell: Cell) -> Bool { cell.isNull || emptyIsNull && cell.count == 0 }

  /// Live records where the field is null or not there, in order. Of a list's elements none need be there.
  private func emptyRecords(_ column: Column, _ batch: Batch, isList: Bool) -> [Int] {
    var hasValue = [Bool](repeating: isList, count: batch.recordCount)
    for index in 0..<column.cells.count {
      let record = column.record(ofCell: index)
      hasValue[record] = isNull(column.cells[index]) ? false : isList ? hasValue[record] : true
    }
    return (0..<batch.recordCount).filter { batch.isLive($0) && !hasValue[$0] }
  }

  private func digest(_ bytes: UnsafePointer<UInt8>, count: Int) -> DigestSet.Digest {
    // Sound: the scratch has a tag's 32 bytes.
    unsafe scratch.withUnsafeMutableBytes { scratch in
      guard let start = scratch.baseAddress else { return DigestSet.Digest() }
      unsafe context.authenticate(bytes, count: count, into: start.assumingMemoryBound(to: UInt8.self))
      return unsafe start.loadUnaligned(as: DigestSet.Digest.self)
    }
  }
}
