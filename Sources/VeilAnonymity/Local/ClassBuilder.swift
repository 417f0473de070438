/// Builds equivalence classes from the cheapest generalization to the dearest.
///
/// Like ARX's local recoding (Prasser, Kohlmayer, Kuhn 2014; "optimizeIterative"), it publishes at each turn what one
/// vector of levels makes into large enough classes and goes on with what is left. Unlike it, a turn does not minimize
/// the loss of the whole table, where what is left counts as lost: it asks only for classes below a price, finds by hill
/// climbing the vector that saves most against it, and raises the price when nothing is left below. So what is cheap to
/// hide is hidden first, and outliers meet each other at the end instead of spoiling others' classes.
struct ClassBuilder {
  struct Options {
    /// The first price and the factor that raises it; a share of the loss of a record that says nothing.
    var price: Double
    var factor: Double
  }

  /// How many keys were made in all: a measure of the work done.
  private(set) var work = 0

  private let model: LocalModel
  private let k: Int
  /// What is left: combinations, people, the place in each column, and the key at the present vector.
  private var items: [Int32] = []
  private var people: [Int32] = []
  private var places: [[UInt32]] = []
  private var keys: [UInt64] = []
  /// The columns in which the items differ, and the step of each.
  private var columns: [Int] = []
  private var steps: [Int] = []
  private var tally = KeyTally()
  private var limit: UInt64 = 0
  private var finds = false
  /// The items that `sift` chose last.
  private var chosen: [Int32] = []

  init(_ model: LocalModel, k: Int) {
    self.model = model
    self.k = k
  }

  /// Counts work done elsewhere.
  mutating func spend(_ amount: Int) { work += amount }

  /// Classes of at least k people, and what is left over: fewer than k people.
  mutating func build(_ combinations: [Int32], _ options: Options) -> (classes: [[Int32]], rest: [Int32]) {
    start(combinations)
    var classes: [[Int32]] = []
    var price = options.price
    let most = Double(model.everything)
    limit = UInt64(price * most)
    while !items.isEmpty {
      rebase()
      climb(from: saved(nil))
      if !finds { walkUp() }
      if finds {
        publish(&classes)
      } else {
        if price > 1 { break }
        price *= options.factor
        limit = min(UInt64(price * most), LocalModel.lossMask)
      }
    }
    if items.reduce(0, { $0 + model.people[Int($1)] }) >= k {
      classes.append(items)
      items.removeAll()
    }
    return (classes, items)
  }

  private mutating func start(_ combinations: [Int32]) {
    items = combinations
    let most = Int(Int32.max) / max(1, items.count)
    people = items.map { Int32(clamping: min(model.people[Int($0)], most)) }
    columns.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    for column in 0..<model.width {
      let own = items.map { model.places[Int($0) * model.width + column] }
      if let first = own.first, own.contains(where: { $0 != first }) {
        columns.append(column)
        places.append(own)
      }
    }
    steps = columns.map { _ in 0 }
    keys = Array(repeating: 0, count: items.count)
    tally.reserve(items.count)
  }

  private mutating func rebase() {
    for index in keys.indices { keys[index] = 1 << 63 }
    for (number, column) in columns.enumerated() {
      let words = model.words(column, steps[number])
      let own = places[number]
      for index in keys.indices { keys[index] &+= words[words.startIndex &+ Int(own[index])] }
    }
  }

  /// A column's next vector.
  private struct Change {
    var number: Int
    var step: Int
  }

  /// What the classes below the price save against it, after a change of the vector; people times units.
  private mutating func saved(_ change: Change?) -> Int {
    work += items.count
    if let change {
      tally.count(keys, people: people, below: limit, change: way(change))
    } else {
      tally.count(keys, people, below: limit)
    }
    return settle()
  }

  /// The same after a step down, and one up before it, looking at those only whom `sift` chose.
  private mutating func saved(down number: Int, up: Change?) -> Int {
    work += chosen.count
    let down = way(Change(number: number, step: steps[number] - 1))
    tally.count(chosen, of: keys, people: people, below: limit, first: down, second: up.map { way($0) })
    return settle()
  }

  private mutating func settle() -> Int {
    let total = tally.settle(limit: limit, enough: Int32(clamping: k))
    finds = total != nil
    return total ?? 0
  }

  /// Chooses who may be in a class below the price after a step up, if there is one, and some step down.
  private mutating func sift(_ up: Change?) {
    work += items.count
    tally.sift(
      keys, people: people, below: limit + mostGain, change: up.map { way($0) }, enough: Int32(clamping: k),
      into: &chosen)
  }

  /// The most that a step down of any column gains for anybody.
  private var mostGain: UInt64 {
    var most: UInt32 = 0
    for (number, column) in columns.enumerated() where steps[number] > 0 {
      let losses = model.columns[column].losses
      let (coarse, fine) = (losses[steps[number]], losses[steps[number] - 1])
      for (coarse, fine) in zip(coarse, fine) where coarse > fine { most = max(most, coarse - fine) }
    }
    return UInt64(most)
  }

  private func way(_ change: Change) -> KeyTally.Change {
    let column = model.columns[columns[change.number]]
    let step = steps[change.number]
    return KeyTally.Change(
      places: places[change.number], added: change.step > step ? column.ups[step] : column.downs[step])
  }

  private func top(_ number: Int) -> Int { model.columns[columns[number]].levels.count - 1 }

  /// Takes steps of one column, or of one up and one down, as long as they save more. Leaves `finds` for the vector
  /// reached.
  private mutating func climb(from start: Int) {
    var best = start
    while climbOne(&best) || climbTwo(&best) {}
    _ = saved(nil)
  }

  private mutating func climbOne(_ best: inout Int) -> Bool {
    var hasMoved = false
    var moves = true
    var isSifted = false
    while moves {
      moves = false
      for number in columns.indices {
        for direction in [1, -1] {
          while (0...top(number)).contains(steps[number] + direction) {
            let next = steps[number] + direction
            if direction < 0, !isSifted {
              sift(nil)
              isSifted = true
            }
            let value = direction < 0 ? saved(down: number, up: nil) : saved(Change(number: number, step: next))
            guard value > best else { break }
            best = value
            steps[number] = next
            rebase()
            (moves, hasMoved, isSifted) = (true, true, false)
          }
        }
      }
    }
    return hasMoved
  }

  private mutating func climbTwo(_ best: inout Int) -> Bool {
    for raised in columns.indices where steps[raised] < top(raised) {
      let up = Change(number: raised, step: steps[raised] + 1)
      var isSifted = false
      for down in columns.indices where down != raised && steps[down] > 0 {
        if !isSifted { sift(up) }
        isSifted = true
        let value = saved(down: down, up: up)
        guard value > best else { continue }
        best = value
        steps[raised] += 1
        steps[down] -= 1
        rebase()
        return true
      }
    }
    return false
  }

  /// From a vector that finds nothing, raises the cheapest column until something is found and climbs on from there.
  /// Finding nothing below the price, it comes back.
  private mutating func walkUp() {
    let before = steps
    while true {
      let mean = keys.reduce(0) { $0 + $1 & LocalModel.lossMask } / UInt64(keys.count)
      guard mean < limit, let cheapest = cheapestRise() else { break }
      steps[cheapest] += 1
      rebase()
      let value = saved(nil)
      if finds {
        climb(from: value)
        return
      }
    }
    steps = before
  }

  private func cheapestRise() -> Int? {
    var best: (rise: Int, number: Int)?
    for number in columns.indices where steps[number] < top(number) {
      let losses = model.columns[columns[number]].losses
      let (old, new) = (losses[steps[number]], losses[steps[number] + 1])
      var rise = 0
      for place in places[number] { rise += Int(new[Int(place)]) - Int(old[Int(place)]) }
      if best.map({ rise < $0.rise }) ?? true { best = (rise, number) }
    }
    return best?.number
  }

  /// Takes the classes found out of what is left.
  private mutating func publish(_ classes: inout [[Int32]]) {
    tally.count(keys, people, below: limit)
    let enough = Int32(clamping: k)
    var numbers: [Int: Int] = [:]
    var kept = 0
    for index in items.indices {
      let slot = keys[index] & LocalModel.lossMask < limit ? tally.find(keys[index]) : nil
      if let slot, tally.sums[slot] >= enough {
        let number = numbers[slot] ?? classes.count
        if number == classes.count {
          numbers[slot] = number
          classes.append([])
        }
        classes[number].append(items[index])
      } else {
        items[kept] = items[index]
        people[kept] = people[index]
        for column in places.indices { places[column][kept] = places[column][index] }
        kept += 1
      }
    }
    let gone = items.count - kept
    items.removeLast(gone)
    people.removeLast(gone)
    keys.removeLast(gone)
    for column in places.indices { places[column].removeLast(gone) }
    tally.clear()
    if tally.slots.count > 16 * max(64, items.count) { tally.reserve(items.count) }
  }
}
