import VeilConfig
import VeilCrypto
import VeilGround

/// Looks at the values of one batch that leave, for the declared checks on fields. Belongs to one thread.
///
/// Call it after the batch was encoded: only then it is known which records leave.
final class FieldInspector {
  /// What one check found in one batch.
  struct Finding {
    /// The number of values, or of records without one, that break the check.
    var violations = 0
    /// The first such record, counted from zero within the batch.
    var firstRecord: Int?
    /// For `unique`, the digest of each value with its record.
    var digests: [(digest: DigestSet.Digest, record: Int)] = []
  }

  private struct Subject {
    /// The index of the check among the pipeline's checks.
    let check: Int
    let kind: CheckConfig.Kind
    let column: Int
    /// Whether a record may have any number of values, including none.
    let isList: Bool
    let accepted: Set<[UInt8]>
  }

  private let subjects: [Subject]
  /// Whether an empty text becomes a missing value in the export, as in CSV.
  private let emptyIsNull: Bool
  private let context: HMACContext
  private var scratch = [UInt8](repeating: 0, count: 32)
  /// What was found in the last batch, with the index of the check.
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
    // The batch is already encoded: from here on only the checks use the column's contents.
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

  /// Returns the live records in which the field is null or missing, in order. An element of a list may be missing in
  /// any record.
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
