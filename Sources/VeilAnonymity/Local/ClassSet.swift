/// The classes of a block during improvement: each combination is in exactly one class.
struct ClassSet: Sendable {
  let model: LocalModel
  let k: Int
  private(set) var members: [[Int32]] = []
  private(set) var classOf: [Int32]
  private(set) var people: [Int] = []
  private(set) var records: [Int] = []
  /// The loss of a record of the class, in units.
  private(set) var unit: [Int] = []
  /// `model.width` spans for each class.
  private var spans: [Span] = []

  /// The lowest and highest places of the members. The second lowest and highest places give the span without any one
  /// member.
  private struct Span {
    var low = UInt32.max
    var secondLow = UInt32.max
    var high: UInt32 = 0
    var secondHigh: UInt32 = 0

    /// In an empty class the lowest place is above the highest, so that the first member sets both.
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

  /// Adds a class of combinations that are in no class; returns its number.
  mutating func append(_ combinations: [Int32]) -> Int {
    members.append([])
    people.append(0)
    records.append(0)
    unit.append(0)
    spans.append(contentsOf: repeatElement(Span(), count: model.width))
    replace(count - 1, with: combinations)
    return count - 1
  }

  /// Gives a class other members. Its old members that are not among them are in no class until they are inserted into
  /// one.
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

  /// Removes the classes from `count` on. Their members must be in other classes by then.
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

  /// Inserts a combination that is in no class into a class.
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

  /// Returns the finest step of each column at which all members are in one group.
  func steps(_ number: Int) -> [Int] {
    (0..<model.width).map { column in
      let span = spans[number * model.width + column]
      return model.step(column, low: span.low, high: span.high)
    }
  }

  /// Returns the loss of a record if one more combination joined the class.
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

  /// Returns the loss of a record if two classes were joined.
  func unit(_ number: Int, joining other: Int) -> Int {
    let width = model.width
    var sum = 0
    for column in 0..<width {
      let (a, b) = (spans[number &* width &+ column], spans[other &* width &+ column])
      sum &+= model.loss(column, low: min(a.low, b.low), high: max(a.high, b.high))
    }
    return sum
  }

  /// Returns the loss of a record if one combination left the class and another one joined it.
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

  /// Returns the increase of the total loss if a combination that is in no class joins this one.
  func increase(_ number: Int, adding combination: Int32) -> Int {
    unit(number, adding: combination) * (records[number] + model.records[Int(combination)]) - cost(number)
  }
}
