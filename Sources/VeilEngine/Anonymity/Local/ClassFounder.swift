/// Founds new classes at other classes' expense: at some vector of levels it gathers all combinations, from whatever
/// class, that would lose less there, and makes a class of those that can leave.
///
/// This is what moves of single combinations cannot do: k people must come at once, from classes that each have few to
/// spare.
struct ClassFounder {
  /// How many keys were made in all: a measure of the work done.
  private(set) var work = 0

  private let model: LocalModel
  private let k: Int
  private let people: [Int32]
  private var tally = KeyTally()
  private var keys: [UInt64]
  /// What each combination loses now.
  private var limits: [UInt32]

  init(_ model: LocalModel, k: Int) {
    self.model = model
    self.k = k
    let most = Int(Int32.max) / max(1, model.count)
    people = model.people.map { Int32(clamping: min($0, most)) }
    keys = Array(repeating: 0, count: model.count)
    limits = Array(repeating: 0, count: model.count)
    tally.reserve(model.count)
  }

  /// Tries the levels of a class and all that differ from them by one step in one column. What it gained.
  mutating func found(near number: Int, in classes: inout ClassSet) -> Int {
    var steps = classes.steps(number)
    var gained = found(at: steps, in: &classes)
    for column in steps.indices {
      for direction in [-1, 1] where model.columns[column].levels.indices.contains(steps[column] + direction) {
        steps[column] += direction
        gained += found(at: steps, in: &classes)
        steps[column] -= direction
      }
    }
    return gained
  }

  private mutating func found(at steps: [Int], in classes: inout ClassSet) -> Int {
    work += model.count
    let width = model.width
    for index in keys.indices {
      keys[index] = 1 << 63
      limits[index] = UInt32(clamping: classes.unit[Int(classes.classOf[index])])
    }
    for column in 0..<width {
      let words = model.columns[column].words[steps[column]]
      for index in keys.indices { keys[index] &+= words[Int(model.places[index &* width &+ column])] }
    }
    tally.count(keys, people, belowOwn: limits)
    var gained = 0
    for founders in founders() { gained += settle(founders, in: &classes) }
    return gained
  }

  /// The combinations of each key that has people enough.
  private mutating func founders() -> [[Int32]] {
    let enough = Int32(clamping: k)
    var groups: [[Int32]] = []
    if tally.hasSum(of: enough) {
      var numbers: [Int: Int] = [:]
      for index in keys.indices where keys[index] & LocalModel.lossMask < limits[index] {
        guard let slot = tally.find(keys[index]), tally.sums[slot] >= enough else { continue }
        let number = numbers[slot] ?? groups.count
        if number == groups.count {
          numbers[slot] = number
          groups.append([])
        }
        groups[number].append(Int32(index))
      }
    }
    tally.clear()
    return groups
  }

  /// Makes a class of those that can leave theirs, unless that loses more than it saves.
  private func settle(_ founders: [Int32], in classes: inout ClassSet) -> Int {
    guard let first = founders.first else { return 0 }
    let unit = Int(keys[Int(first)] & LocalModel.lossMask)
    var leaving: [Int: [Int32]] = [:]
    for founder in founders {
      let number = Int(classes.classOf[Int(founder)])
      if classes.unit[number] > unit { leaving[number, default: []].append(founder) }
    }
    let donors = leaving.keys.sorted()
    var taken: [Int32] = []
    for number in donors {
      var own = leaving[number] ?? []
      var rest = classes.people[number] - own.reduce(0) { $0 + model.people[Int($1)] }
      // All may leave, or k people stay; the largest combinations stay first.
      let isEmptied = own.count == classes.members[number].count
      if !isEmptied && rest < k {
        own.sort { (model.people[Int($0)], $0) < (model.people[Int($1)], $1) }
        while rest < k, let last = own.popLast() { rest += model.people[Int(last)] }
        leaving[number] = own
      }
      taken += own
    }
    guard taken.reduce(0, { $0 + model.people[Int($1)] }) >= k else { return 0 }
    let changed = donors.filter { !(leaving[$0] ?? []).isEmpty }
    let before = changed.reduce(0) { $0 + classes.cost($1) }
    let old = changed.map { classes.members[$0] }
    let leavers = Set(taken)
    for number in changed {
      classes.replace(number, with: classes.members[number].filter { !leavers.contains($0) })
    }
    let founded = classes.append(taken)
    let after = changed.reduce(classes.cost(founded)) { $0 + classes.cost($1) }
    if after < before { return before - after }
    for (number, members) in zip(changed, old) { classes.replace(number, with: members) }
    classes.truncate(to: founded)
    return 0
  }
}
