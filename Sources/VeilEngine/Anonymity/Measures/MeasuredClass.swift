/// An equivalence class as its readers see it: who is in it, and with what sensitive values.
///
/// All code in this folder judges by the definitions of the models, on text, and shares no code with the search for
/// classes.
struct MeasuredClass {
  /// The number of records, or of different people.
  var people = 0
  /// The number of people of the population who fit the class, if there is a population.
  var population: Int?
  /// For each sensitive field, how many of the people have each value; a missing value is empty. A person with several
  /// values counts for each of them.
  var values: [[[UInt8]: Int]]
  /// For each sensitive field, the values of each person who has several of them here, a missing one among them.
  var several: [[Set<[UInt8]>]]

  init(fields: Int) {
    several = Array(repeating: [], count: fields)
    values = Array(repeating: [:], count: fields)
  }
}

/// The result of one model.
struct ModelFinding: Sendable {
  /// The model's name for users: `distinct l-diversity`.
  let model: String
  let field: String?
  /// What the pipeline demands, as a number and in words.
  let demanded: Double
  let demand: String
  /// What the classes have; infinite if no number fits.
  let measured: Double
  let holds: Bool
  /// Advice for a model that does not hold.
  let advice: String
  /// Whether the result stays the same, good or bad, if the counted records belong to fewer people: in each class to
  /// any number from one to that of its records.
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
