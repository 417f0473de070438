import VeilAnonymity
import VeilGround

/// What one thread does for one view: its own decoding, filtering and rewriting of a chunk, and its own bytes.
///
/// A run with one sink has one view. With several, a thread works on the same chunk for one view after another, while its
/// bytes are near: for each it reads only the fields that the sink needs, in the way that suits its format.
final class ViewWork {
  let steps: BatchSteps
  let encoder: any RecordEncoder
  private var apply: QuasiApplier?
  private var average: (reader: MicroReader, plan: MicroPlan)?
  private(set) var encoded = ByteBuffer()

  init(
    _ steps: BatchSteps, apply: QuasiApplier? = nil, average: (reader: MicroReader, plan: MicroPlan)? = nil,
    encoder: any RecordEncoder
  ) {
    self.steps = steps
    self.average = average
    self.apply = apply
    self.encoder = encoder
  }

  var batch: Batch { steps.batch }

  /// - Parameter look: looks at what came, before anything is rewritten.
  func prepare(_ chunk: Chunk, _ look: () -> Void = {}) {
    _ = steps.decode(chunk)
    steps.filter()
    look()
    apply?.readSubjects(batch)
    encoder.look(at: batch)
    steps.rewrite()
  }

  /// Throws at a record whose combination the plan does not know, where that is to stop the run.
  func refuseUnseen(_ state: PassState, offset: Int) throws(RunError) {
    guard let record = apply?.refusedRecord else { return }
    throw RunError(
      .check,
      "\(state.file): record \(state.tally.read - state.recordsBefore + record + 1), byte offset "
        + "\(offset + Int(batch.recordStarts[record])): its combination of quasi-identifiers was not there when the plan "
        + "was made ('unseen: error'); nothing was published. Decide anew, with what is new observed")
  }

  /// Counts the records of each class, when nothing can take any out any more.
  func count() { apply?.count(batch) }

  func generalize() {
    apply?.apply(to: batch)
    average?.reader.read(batch)
  }

  /// Writes means in place of numbers, when it is known which records are bad.
  func averageOut() {
    if let average { average.reader.write(average.plan, to: batch) }
  }

  /// Asks for the bounds of records too, for a sink whose records leave in another order.
  func markRecords() { encoder.bounds = RecordBounds() }

  func encode() {
    encoded.removeAll()
    encoder.bounds?.removeAll()
    encoder.encode(batch, into: &encoded)
  }
}

/// What one station does, for each view. All views get the same records: what is bad for one recipient is bad for all.
/// Else a record that one of them does not get would count in the equivalence classes of another.
struct StationWork {
  let views: [ViewWork]
  /// Fields up to here have the same number in all views.
  private let sharedFields: Int

  init(_ views: [ViewWork], layouts: [Layout]) {
    self.views = views
    let names = layouts.map { $0.fields.map(\.name) }
    sharedFields = (names.map(\.count).min() ?? 0).prefixLength { place in
      names.allSatisfy { $0[place] == names[0][place] }
    }
  }

  /// Decodes, filters and rewrites. `look` sees the records of the first view before they are rewritten.
  func prepare(_ chunk: Chunk, _ look: () -> Void = {}) {
    for (index, view) in views.enumerated() { view.prepare(chunk) { if index == 0 { look() } } }
    agree()
  }

  /// Does all that is done to a chunk. `look` sees the records of the first view before they are rewritten.
  func process(_ chunk: Chunk, _ look: () -> Void = {}) {
    prepare(chunk, look)
    for view in views { view.generalize() }
    agree()
    for view in views { view.averageOut() }
    encode()
    // The same records are in the same classes in all views.
    views.first?.count()
  }

  /// Encodes in every view; a record that one sink's format cannot hold leaves to none.
  func encode() {
    for view in views { view.encode() }
    if agree() {
      for view in views { view.encode() }
    }
  }

  /// Makes every record bad in all views that is bad in one. Whether there was one.
  @discardableResult
  func agree() -> Bool {
    guard views.count > 1, views.contains(where: { !$0.batch.failures.isEmpty }) else { return false }
    var changed = false
    for view in views {
      for failure in view.batch.failures {
        for other in views where other !== view && other.batch.isLive(failure.record) {
          let field = failure.field.flatMap { $0 < sharedFields ? $0 : nil }
          other.batch.fail(failure.record, field: field, reason: failure.reason, offset: failure.offset)
          changed = true
        }
      }
    }
    return changed
  }
}

extension Int {
  /// How many of the numbers from 0 up to this one hold, before the first that does not.
  fileprivate func prefixLength(_ holds: (Int) -> Bool) -> Int {
    (0..<self).first { !holds($0) } ?? self
  }
}
