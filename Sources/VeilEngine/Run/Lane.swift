/// What one thread does for one sink: its own decoding, filtering and rewriting of a chunk, and its own bytes.
///
/// A run with one sink has one lane. With several, the lanes of a thread look at the same chunk one after another, while
/// its bytes are near: each reads only the fields that its sink needs, in the way that suits its format.
final class Lane {
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

  func refuseUnseen(_ state: PassState, offset: Int) throws(RunError) {
    try apply?.refuseUnseen(batch, state, offset: offset)
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

  func encode() {
    encoded.removeAll()
    encoder.encode(batch, into: &encoded)
  }
}

/// The lanes of one thread, which treat the same records: what is bad for one recipient is bad for all. Else a record
/// that one of them does not get would count in the equivalence classes of another.
struct LaneGroup {
  let lanes: [Lane]
  /// Fields up to here have the same number in all lanes.
  private let sharedFields: Int

  init(_ lanes: [Lane], layouts: [Layout]) {
    self.lanes = lanes
    let names = layouts.map { $0.fields.map(\.name) }
    sharedFields = (names.map(\.count).min() ?? 0).prefixLength { place in
      names.allSatisfy { $0[place] == names[0][place] }
    }
  }

  /// Decodes, filters and rewrites. `look` sees the records of the first lane before they are rewritten.
  func prepare(_ chunk: Chunk, _ look: () -> Void = {}) {
    for (index, lane) in lanes.enumerated() { lane.prepare(chunk) { if index == 0 { look() } } }
    agree()
  }

  func process(_ chunk: Chunk) {
    prepare(chunk)
    for lane in lanes { lane.generalize() }
    agree()
    for lane in lanes { lane.averageOut() }
    encode()
    // The same records are in the same classes in all lanes.
    lanes.first?.count()
  }

  /// Encodes in every lane; a record that one sink's format cannot hold leaves to none.
  func encode() {
    for lane in lanes { lane.encode() }
    if agree() {
      for lane in lanes { lane.encode() }
    }
  }

  /// Makes every record bad in all lanes that is bad in one. Whether there was one.
  @discardableResult
  func agree() -> Bool {
    guard lanes.count > 1, lanes.contains(where: { !$0.batch.failures.isEmpty }) else { return false }
    var changed = false
    for lane in lanes {
      for failure in lane.batch.failures {
        for other in lanes where other !== lane && other.batch.isLive(failure.record) {
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
