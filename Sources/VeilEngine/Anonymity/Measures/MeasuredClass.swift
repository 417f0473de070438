/// An equivalence class as its readers see it: who is in it, and with what sensitive values.
///
/// Everything in this folder judges by the models' definitions, on text, and shares no code with the search for
/// classes.
struct MeasuredClass {
  /// Records, or different people.
  var people = 0
  /// People of the population who fit the class, where there is a population.
  var population: Int?
  /// For each sensitive field, how many of them have each value; a missing one is empty. Somebody with several values is
  /// counted at each of them.
  var values: [[[UInt8]: Int]]

  init(fields: Int) {
    values = Array(repeating: [:], count: fields)
  }
}

/// What one model came to.
struct ModelFinding: Sendable {
  /// As users know it: `distinct l-diversity`.
  let model: String
  let field: String?
  /// What the pipeline asks for, as a number and in words.
  let demanded: Double
  let demand: String
  /// What the classes have; infinite where no number would do.
  let measured: Double
  let holds: Bool
  /// What might help, where it does not hold.
  let advice: String
  /// Whether the verdict stays, good or bad, where the records that were counted are of fewer people: in each class of
  /// anything from one to as many.
  var isSureOfPeople = false

  /// `distinct l-diversity of 'diagnosis'`
  var name: String { model + (field.map { " of '\($0)'" } ?? "") }

  /// `distinct l-diversity of 'diagnosis': 2; at least 3 is promised`
  var text: String {
    "\(name): \(Self.short(measured)); \(demand) is promised"
  }

  static func short(_ value: Double) -> String {
    if value.isInfinite { return value > 0 ? "without bound" : "none" }
    if value == value.rounded(), abs(value) < 1e9 { return "\(Int(value))" }
    return "\((value * 10000).rounded() / 10000)"
  }
}
