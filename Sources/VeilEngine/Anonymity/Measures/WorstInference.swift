import VeilConfig

/// What the worst class tells of a sensitive field to somebody who knows which class a person is in.
///
/// The measure is the share of one value in a class, and by how much it is above that value's share among all published
/// people. The first bounds what is known of a person; the second, what the class adds to what the whole file tells
/// (inference in Article 29 Working Party, Opinion 05/2014; a bound on the second is what t-closeness by the equal
/// distance gives for all values together).
struct WorstInference: Sendable, Equatable {
  struct Figure: Sendable, Equatable {
    let field: String
    /// From 0 through 1.
    let value: Double
  }

  /// The largest share of the people of a class who have one and the same value; a missing value is a value, too.
  let share: Figure
  /// The largest difference of such a share and the value's share among all people of the file, each of whom counts once,
  /// in however many classes they are.
  let gain: Figure

  /// - Parameters:
  ///   - classes: the classes as they are published.
  ///   - fields: the sensitive fields, in the order in which the classes have them.
  ///   - whole: for each of these fields, how many people of the file have each value, those of suppressed records that
  ///     stay among them.
  ///   - people: the number of different people of the file, or of records where these are counted.
  /// - Returns: nil if there is nothing to measure.
  init?(_ classes: [MeasuredClass], fields: [FieldPath], whole: [[[UInt8]: Int]], people all: Int) {
    guard all > 0, !fields.isEmpty, classes.contains(where: { $0.people > 0 }) else { return nil }
    var share = Figure(field: fields[0].description, value: 0)
    var gain = share
    for (number, field) in fields.enumerated() {
      let whole = whole[number]
      for own in classes where own.people > 0 {
        for (value, count) in own.values[number] {
          // A person counts once for each of their values.
          let part = Double(count) / Double(own.people)
          let added = part - Double(whole[value] ?? 0) / Double(all)
          if part > share.value { share = Figure(field: field.description, value: part) }
          if added > gain.value { gain = Figure(field: field.description, value: added) }
        }
      }
    }
    (self.share, self.gain) = (share, gain)
  }
}
