/// The classes of a block while they are being improved: each combination is in exactly one.
struct ClassSet: Sendable {
  let model: LocalModel
  let k: Int
  private(set) var members: [[Int32]] = []
  private(set) var classOf: [Int32]
  private(set) var people: [Int] = []
  private(set) var records: [Int] = []
  /// What a record of the class loses, in units.
  private(set) var unit: [Int] = []
  /// `model.width` a class.
  private var spans: [Span] = []

  /// Where the members' places begin and end. The second ones tell what is left without any one member.
  private struct Span {
    var low = UInt32.max
    var secondLow = UInt32.max
    var high: UInt32 = 0
    var secondHigh: UInt32 = 0

    /// An empty class has its lowest place above its highest, so that the first to come in sets both.
    var isEmpty: Bool { low > high }

    @inline(__always)
    mutating func add(_ place: UInt32) {
      secondLow = min(secondLow, max(low, place))
      low = min(low, place)
      secondHigh = max(secondHigh, min(high, place))
      high = max(high, place)
    }
  }

  init(_ model: LocalModel, k: Int, classes: [[Int32]]) {
    self.model = model
    self.k = k
    classOf = Array(repeating: -1, count: model.count)
    for members in classes { _ = append(members) }
  }

  var count: Int { members.count }
  func cost(_ number: Int) -> Int { records[number] * unit[number] }
  var total: Int { members.indices.reduce(0) { $0 + cost($1) } }

  /// Adds a class of combinations that are in none; returns its number.
  mutating func append(_ combinations: [Int32]) -> Int {
    members.append([])
    people.append(0)
    records.append(0)
    unit.append(0)
    spans.append(contentsOf: repeatElement(Span(), count: model.width))
    replace(count - 1, with: combinations)
    return count - 1
  }

  /// Gives a class other members; those it had and does not get are in no class until they are put into one.
  mutating func replace(_ number: Int, with combinations: [Int32]) {
    members[number] = combinations
    for combination in combinations { classOf[Int(combination)] = Int32(number) }
    people[number] = combinations.reduce(0) { $0 + model.people[Int($1)] }
    records[number] = combinations.reduce(0) { $0 + model.records[Int($1)] }
    let width = model.width
    var sum = 0
    for column in 0..<width {
      var span = Span()
      for combination in combinations { span.add(model.places[Int(combination) &* width &+ column]) }
      spans[number * width + column] = span
      if !span.isEmpty { sum += model.loss(column, low: span.low, high: span.high) }
    }
    unit[number] = sum
  }

  /// Forgets the classes from `count` on, whose members are elsewhere by then.
  mutating func truncate(to count: Int) {
    let gone = members.count - count
    members.removeLast(gone)
    people.removeLast(gone)
    records.removeLast(gone)
    unit.removeLast(gone)
    spans.removeLast(gone * model.width)
  }

  mutating func move(_ combination: Int32, to number: Int) {
    let old = Int(classOf[Int(combination)])
    replace(old, with: members[old].filter { $0 != combination })
    insert(combination, into: number)
  }

  /// Puts a combination that is in no class into one.
  mutating func insert(_ combination: Int32, into number: Int) {
    members[number].append(combination)
    classOf[Int(combination)] = Int32(number)
    people[number] += model.people[Int(combination)]
    records[number] += model.records[Int(combination)]
    let width = model.width
    var sum = 0
    for column in 0..<width {
      let place = model.places[Int(combination) &* width &+ column]
      let at = number &* width &+ column
      spans[at].add(place)
      sum += model.loss(column, low: spans[at].low, high: spans[at].high)
    }
    unit[number] = sum
  }

  /// The finest step of each column at which all members are one.
  func steps(_ number: Int) -> [Int] {
    (0..<model.width).map { column in
      let span = spans[number * model.width + column]
      return model.step(column, low: span.low, high: span.high)
    }
  }

  /// What the class would lose a record with one more combination.
  func unit(_ number: Int, adding combination: Int32) -> Int {
    let width = model.width
    var sum = 0
    for column in 0..<width {
      let place = model.places[Int(combination) &* width &+ column]
      let span = spans[number &* width &+ column]
      sum &+= model.loss(column, low: min(span.low, place), high: max(span.high, place))
    }
    return sum
  }

  /// What two classes would lose a record, were they one.
  func unit(_ number: Int, joining other: Int) -> Int {
    let width = model.width
    var sum = 0
    for column in 0..<width {
      let (a, b) = (spans[number &* width &+ column], spans[other &* width &+ column])
      sum &+= model.loss(column, low: min(a.low, b.low), high: max(a.high, b.high))
    }
    return sum
  }

  /// What the class would lose a record without one combination and with another.
  func unit(_ number: Int, without gone: Int32, adding new: Int32? = nil) -> Int {
    let width = model.width
    var sum = 0
    for column in 0..<width {
      let span = spans[number &* width &+ column]
      let place = model.places[Int(gone) &* width &+ column]
      var least = place == span.low ? span.secondLow : span.low
      var most = place == span.high ? span.secondHigh : span.high
      if let new {
        let place = model.places[Int(new) &* width &+ column]
        least = min(least, place)
        most = max(most, place)
      }
      if least <= most { sum &+= model.loss(column, low: least, high: most) }
    }
    return sum
  }

  /// What all records lose more when a combination of no class joins this one.
  func increase(_ number: Int, adding combination: Int32) -> Int {
    unit(number, adding: combination) * (records[number] + model.records[Int(combination)]) - cost(number)
  }
}
