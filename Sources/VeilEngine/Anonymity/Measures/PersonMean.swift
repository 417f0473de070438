/// The mean of a class's figure over people. A person in several classes counts once, with the class where the figure is
/// highest: that is where an adversary looks (as in El Emam 2013, whose records are one a person).
struct PersonMean {
  let value: Double
  /// The different people of all classes.
  let people: Int

  /// - Parameter several: the classes of each person who is in several; a negative number is no class.
  init(_ classes: [MeasuredClass], several: [[Int]], figure: (MeasuredClass) -> Double) {
    var left = classes.map(\.people)
    let figures = classes.map(figure)
    var sum = 0.0
    var people = 0
    for own in several {
      var most: Double?
      for number in own where number >= 0 {
        left[number] -= 1
        most = max(most ?? 0, figures[number])
      }
      guard let most else { continue }
      sum += most
      people += 1
    }
    for (count, figure) in zip(left, figures) {
      sum += Double(count) * figure
      people += count
    }
    self.people = people
    value = people > 0 ? sum / Double(people) : 0
  }
}
