/// Builds equivalence classes from the cheapest generalization to the most expensive one.
///
/// Like ARX's local recoding (Prasser, Kohlmayer, Kuhn 2014; "optimizeIterative"), each turn publishes the combinations
/// for which one vector of levels gives large enough classes, and goes on with the others. Unlike ARX, a turn does not
/// minimize the loss of the whole table, in which the other combinations count as lost. It considers only classes below
/// a price, uses hill climbing to find the vector that saves most against the price, and raises the price when no class
/// below it is left. So combinations that are cheap to hide are hidden first, and outliers join each other at the end
/// instead of making other people's classes worse.
struct ClassBuilder {
  struct Options {
    /// The first price and the factor that raises it. A price is a share of the loss of a record that says nothing.
    var price: Double
    var factor: Double
  }

  /// The number of keys that were computed, as a measure of the work.
  private(set) var work = 0

  private let model: LocalModel
  private let k: Int
  /// The remaining items: combination, people, the place in each column, and the key at the present vector.
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
  /// The items that the last `sift` chose.
  private var chosen: [Int32] = []

  init(_ model: LocalModel, k: Int) {
    self.model = model
    self.k = k
  }

  /// Adds work that was done elsewhere.
  mutating func spend(_ amount: Int) { work += amount }

  /// Returns classes of at least k people, and the remaining combinations, which have fewer than k people.
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

  /// A change of one column to another step.
  private struct Change {
    var number: Int
    var step: Int
  }

  /// Returns what the classes below the price save against it after a change of the vector, in people times units.
  private mutating func saved(_ change: Change?) -> Int {
    work += items.count
    if let change {
      tally.count(keys, people: people, below: limit, change: way(change))
    } else {
      tally.count(keys, people, below: limit)
    }
    return settle()
  }

  /// Does the same after one step down, and possibly one step up before it, for the items that `sift` chose.
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

  /// Chooses the items that may be in a class below the price after the step up, if there is one, and any step down.
  private mutating func sift(_ up: Change?) {
    work += items.count
    tally.sift(
      keys, people: people, below: limit + mostGain, change: up.map { way($0) }, enough: Int32(clamping: k),
      into: &chosen)
  }

  /// The largest gain of any item from one step down in any column.
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

  /// Changes one column, or one up and one down, as long as that saves more. At the end, `finds` is that of the final
  /// vector.
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

  /// Starts from a vector that gives no class. Raises the cheapest column until there is one, and then climbs from
  /// there. If there is none below the price, it restores the vector.
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

  /// Publishes the classes that were found, and removes their items.
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
