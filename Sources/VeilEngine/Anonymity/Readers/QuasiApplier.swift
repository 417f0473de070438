import VeilAnonymity
import VeilConfig

/// The last pass: writes each record's generalized quasi-identifiers, or takes it out. One for each thread.
///
/// It fails closed: a combination that the plan does not know is suppressed, a value that does not fit its hierarchy
/// makes the record bad.
struct QuasiApplier {
  private let plan: RecodingPlan
  private let keepsSuppressed: Bool
  private let counts: ClassCounts
  private let subjects: SubjectReader?
  private var sensitive: SensitiveReader
  private let stopsAtUnseen: Bool
  private var reader: QuasiReader
  private var codes: [UInt32]
  /// The class of each record of the batch.
  private var classes: [Int32] = []
  private var firstUnseen: Int?

  /// - Parameters:
  ///   - subjects: tells people apart, where they are to be counted.
  ///   - sensitive: reads the values that models are to be measured on.
  init(
    _ plan: RecodingPlan, layout: Layout, anonymity: AnonymityConfig, counts: ClassCounts,
    subjects: SubjectReader? = nil, sensitive: SensitiveReader = SensitiveReader(columns: []),
    stopsAtUnseen: Bool = false
  ) {
    self.plan = plan
    keepsSuppressed = anonymity.suppressed == .keep
    self.sensitive = sensitive
    self.stopsAtUnseen = stopsAtUnseen
    self.counts = counts
    self.subjects = subjects
    reader = QuasiReader(layout)
    codes = Array(repeating: 0, count: reader.fields.count)
  }

  /// A code that no plan gives: it stands for a value the plan has not seen.
  private static let unknown = UInt32.max
  /// The class of a record that is suppressed, and of one whose combination the plan does not know.
  private static let none: Int32 = -1
  private static let unseen: Int32 = -2

  /// To be called before stages rewrite the subject's field.
  func readSubjects(_ batch: Batch) { subjects?.read(batch) }

  mutating func apply(to batch: Batch) {
    reader.index(batch)
    // Also of those that are going to be suppressed.
    sensitive.read(batch)
    var found = [[UInt32]](repeating: [], count: reader.fields.count)
    for (place, field) in reader.fields.enumerated() {
      let column = batch.columns[field.column]
      let values = plan.reader(column: place)
      found[place] = Array(repeating: Self.unknown, count: batch.recordCount)
      for record in 0..<batch.recordCount where batch.isLive(record) {
        let cell = column.cells[reader.cell(place, of: record, in: column)]
        let value = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.isNull ? 0 : cell.count)
        switch unsafe values.read(value) {
        case .known(let code): found[place][record] = code
        case .unseen: break
        case .unfit:
          // As in the first pass, whose counts this one is held against.
          batch.fail(record, field: field.field, reason: .unfit)
        }
      }
    }
    classes = [Int32](repeating: Self.none, count: batch.recordCount)
    firstUnseen = nil
    for record in 0..<batch.recordCount where batch.isLive(record) {
      for place in found.indices { codes[place] = found[place][record] }
      let combination: Int? = unsafe codes.withUnsafeBufferPointer { codes in
        guard let base = codes.baseAddress, unsafe !codes.contains(Self.unknown) else { return nil }
        return unsafe plan.combination(base)
      }
      if let combination {
        classes[record] = plan.classIndex(combination: combination).map { Int32($0) } ?? Self.none
      } else {
        classes[record] = Self.unseen
        if firstUnseen == nil { firstUnseen = record }
      }
      if classes[record] < 0, !keepsSuppressed { batch.exclude(record, .suppressed) }
    }
    for place in found.indices { write(classes, at: place, in: batch) }
  }

  /// Counts the records of a batch when nothing can take any out any more.
  func count(_ batch: Batch) {
    for record in classes.indices where batch.verdicts[record] == Verdict.suppressed.rawValue || batch.isLive(record) {
      let number = classes[record]
      counts.count(
        number >= 0 ? Int(number) : nil, isUnseen: number == Self.unseen, subject: subjects?.subjects[record],
        sensitive: sensitive.values, record: record)
    }
  }

  /// The first record of the batch whose combination the plan does not know, where that is to stop the run.
  var refusedRecord: Int? { stopsAtUnseen ? firstUnseen : nil }

  /// Rewrites one column with the labels of classes. A missing value whose label is empty stays missing.
  private func write(_ classes: [Int32], at place: Int, in batch: Batch) {
    let column = batch.columns[reader.fields[place].column]
    unsafe column.rewrite { cells, _, out in
      for index in 0..<cells.count {
        let record = column.record(ofCell: index)
        guard batch.isLive(record) else {
          cells[index] = .null
          continue
        }
        let label = unsafe plan.label(column: place, class: classes[record] < 0 ? nil : Int(classes[record]))
        let start = out.count
        if let base = label.baseAddress, label.count > 0 {
          unsafe out.append(base, count: label.count)
          cells[index] = Cell(start: start, count: label.count)
        } else {
          cells[index] = .null
        }
      }
    }
  }
}
