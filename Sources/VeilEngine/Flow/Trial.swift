import VeilGround

/// What takes people, each any number of times, and counts them.
protocol PeopleTally: AnyObject {
  func add(_ person: UInt64)
}

/// A run that is only tried: it does what a run does but publish, notes what would end it, and goes on, so that all of
/// it is told at once. It keeps places, and no value.
///
/// Touched by the station whose turn it is, and by the thread that runs the pipeline.
final class Trial {
  /// Bad records with one reason in one field.
  private struct Bad {
    let field: String?
    let reason: String
    var count = 0
    var places: [String] = []
  }

  private static let placeLimit = 5
  private static let errorLimit = 100

  private var errors: [RunError] = []
  private var known: Set<String> = []
  private var bad: [Bad] = []
  private var numbers: [String: Int] = [:]
  private var knowsGaps = false
  /// How many records the last pass has read.
  var read = 0
  /// Counts people in the last pass; nil where their number does not matter.
  let people: (any PeopleTally)?

  init(people: (any PeopleTally)?) { self.people = people }

  /// Forgets the bad records of the pass before, which the next one meets again.
  func beginPass() { (bad, numbers) = ([], [:]) }

  /// Notes what would end a run.
  /// - Parameter text: what makes it the same as another one, of which the first is told.
  func note(_ error: RunError, once text: String? = nil) {
    guard known.insert(text ?? error.description).inserted, errors.count < Self.errorLimit else { return }
    errors.append(error)
  }

  /// Notes what hierarchies lack, with the number of different values, which single bad records do not tell.
  func note(gaps: RunError) {
    note(gaps)
    knowsGaps = true
  }

  /// Notes a bad record, where the first one would end a run.
  func note(_ reason: FailureReason, field: String?, place: String) {
    let key = "\(field ?? "")\u{0}\(reason.text)"
    let number = numbers[key] ?? bad.count
    if number == bad.count {
      numbers[key] = number
      bad.append(Bad(field: field, reason: reason.text))
    }
    bad[number].count += 1
    if bad[number].places.count < Self.placeLimit { bad[number].places.append(place) }
  }

  var hasBadRecords: Bool { !bad.isEmpty || errors.contains { $0.kind == .inputOutput } }

  /// Returns why a run would publish nothing; nil if it would publish. The kind is that of the gravest reason: a mistake in
  /// the pipeline, fields that do not match, then input that cannot be read or handled, then checks and models.
  /// - Parameter last: what ended the trial itself, if something did.
  func error(_ name: String, last: RunError? = nil) -> RunError? {
    if let last { note(last) }
    let lines = bad.filter { !knowsGaps || $0.reason != FailureReason.unfit.text }.map(Self.text)
    guard !errors.isEmpty || !lines.isEmpty else { return nil }
    let kinds = errors.map(\.kind) + (lines.isEmpty ? [] : [.inputOutput])
    let order: [RunError.Kind] = [.invalid, .mismatch, .inputOutput, .check]
    let kind = order.first { kinds.contains($0) } ?? kinds[0]
    let first = errors.filter { $0.kind == .mismatch }
    let rest = errors.filter { $0.kind != .mismatch }
    let all = first.map(\.description) + lines + rest.map(\.description)
    if read == 0, all.count == 1 { return RunError(kind, all[0]) }
    return RunError(
      kind, "\(name): \(read) records were read, and a run would publish nothing:\n" + all.joined(separator: "\n"))
  }

  private static func text(_ bad: Bad) -> String {
    let what = bad.field.map { "field '\($0)' \(bad.reason)" } ?? bad.reason
    let places = bad.places.joined(separator: ", ")
    return bad.count == 1 ? "\(places): \(what)" : "\(what), in \(bad.count) records; the first: \(places)"
  }
}
