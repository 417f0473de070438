/// Founds new classes at other classes' expense: at some vector of levels it gathers all combinations, from whatever
/// class, that would lose less there, and makes a class of those that can leave.
///
/// This is what moves of single combinations cannot do: k people must come at once, from classes that each have few to
/// spare. A class that is left with too few either holds some back or is closed, whichever costs less, its members
/// going where their neighbours are; and where founders are too few, others come who lose a little by it. So this is a
/// local search that opens and closes facilities, as for facility location (Kuehn and Hamburger 1963), with k people as
/// the least a facility may serve.
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

  /// Tries the levels of a class, all that differ from them by one step in one column, and some that differ in two or
  /// three. What it gained.
  mutating func found(
    near number: Int, in classes: inout ClassSet, _ near: Neighbours, _ random: inout SplitMix64
  ) -> Int {
    let origin = classes.steps(number)
    var gained = found(at: origin, in: &classes, near)
    for column in origin.indices {
      for direction in [-1, 1] where model.columns[column].levels.indices.contains(origin[column] + direction) {
        var steps = origin
        steps[column] += direction
        gained += found(at: steps, in: &classes, near)
      }
    }
    for _ in 0..<2 * model.width {
      var steps = origin
      for _ in 0..<2 + Int(random.next() % 2) {
        let column = Int(random.next() % UInt64(model.width))
        let next = steps[column] + (random.next() & 1 == 0 ? 1 : -1)
        if model.columns[column].levels.indices.contains(next) { steps[column] = next }
      }
      gained += found(at: steps, in: &classes, near)
    }
    return gained
  }

  private mutating func found(at steps: [Int], in classes: inout ClassSet, _ near: Neighbours) -> Int {
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
    for group in groups() { gained += settle(group, in: &classes, near) }
    return gained
  }

  /// Combinations of one key: those that would lose less in a class of it, and those that would not.
  private struct Group {
    var founders: [Int32] = []
    var others: [Int32] = []
  }

  /// The groups whose founders are people enough, or nearly.
  private mutating func groups() -> [Group] {
    let enough = Int32(clamping: max(1, k - k / 4))
    var groups: [Group] = []
    if tally.hasSum(of: enough) {
      var numbers: [Int: Int] = [:]
      for index in keys.indices {
        guard let slot = tally.find(keys[index]), tally.sums[slot] >= enough else { continue }
        let number = numbers[slot] ?? groups.count
        if number == groups.count {
          numbers[slot] = number
          groups.append(Group())
        }
        if keys[index] & LocalModel.lossMask < limits[index] {
          groups[number].founders.append(Int32(index))
        } else {
          groups[number].others.append(Int32(index))
        }
      }
    }
    tally.clear()
    return groups
  }

  /// What is to become of the classes that founders leave.
  private struct Exodus {
    var taken: [Int32] = []
    /// Those of closed classes who do not found, and the classes they go to.
    var moved: [(combination: Int32, target: Int)] = []
    var donors: Set<Int> = []
    /// An estimate; classes may get finer labels than that.
    var gain = 0
  }

  /// Makes a class of those that can leave theirs, unless that loses more than it saves.
  private func settle(_ group: Group, in classes: inout ClassSet, _ near: Neighbours) -> Int {
    guard let first = group.founders.first ?? group.others.first else { return 0 }
    let unit = Int(keys[Int(first)] & LocalModel.lossMask)
    var leaving: [Int: [Int32]] = [:]
    for founder in group.founders {
      let number = Int(classes.classOf[Int(founder)])
      if classes.unit[number] > unit { leaving[number, default: []].append(founder) }
    }
    var exodus = Exodus()
    for number in leaving.keys.sorted() {
      leave(number, leaving[number] ?? [], unit, leaving, classes, near, &exodus)
    }
    var sum = exodus.taken.reduce(0) { $0 + model.people[Int($1)] }
    if sum < k { sum += borrow(k - sum, group.others, unit, classes, &exodus) }
    guard sum >= k, exodus.gain > 0 else { return 0 }
    return perform(exodus, in: &classes)
  }

  private func leave(
    _ number: Int, _ founders: [Int32], _ unit: Int, _ leaving: [Int: [Int32]], _ classes: ClassSet,
    _ near: Neighbours, _ exodus: inout Exodus
  ) {
    var own = founders
    let saved = classes.unit[number] - unit
    var gain = own.reduce(0) { $0 + model.records[Int($1)] } * saved
    var rest = classes.people[number] - own.reduce(0) { $0 + model.people[Int($1)] }
    // All may leave, or k people stay; the largest combinations stay first.
    if own.count < classes.members[number].count && rest < k {
      var held = 0
      own.sort { (model.people[Int($0)], $0) < (model.people[Int($1)], $1) }
      while rest < k, let last = own.popLast() {
        rest += model.people[Int(last)]
        held += model.records[Int(last)] * saved
      }
      if let closing = close(number, without: founders, atMost: held, leaving, classes, near) {
        own = founders
        gain -= closing.cost
        exodus.moved += closing.moved
      } else {
        gain -= held
      }
    }
    guard !own.isEmpty else { return }
    exodus.taken += own
    exodus.donors.insert(number)
    exodus.gain += gain
  }

  /// Where those go who stay behind, if that costs less than `most`.
  private func close(
    _ number: Int, without founders: [Int32], atMost most: Int, _ leaving: [Int: [Int32]], _ classes: ClassSet,
    _ near: Neighbours
  ) -> (cost: Int, moved: [(combination: Int32, target: Int)])? {
    guard classes.members[number].count - founders.count <= 100 else { return nil }
    var cost = 0
    var moved: [(combination: Int32, target: Int)] = []
    for member in classes.members[number] where !founders.contains(member) {
      var best: (increase: Int, target: Int)?
      for neighbour in near.of(member) {
        let other = Int(classes.classOf[Int(neighbour)])
        if other == number || leaving[other] != nil { continue }
        let increase = classes.increase(other, adding: member)
        if best.map({ increase < $0.increase }) ?? true { best = (increase, other) }
      }
      guard let best else { return nil }
      cost += best.increase - model.records[Int(member)] * classes.unit[number]
      if cost >= most { return nil }
      moved.append((member, best.target))
    }
    return (cost, moved)
  }

  /// Takes in those of the same labels who lose least by it and whose classes can spare them; how many people.
  private func borrow(
    _ needed: Int, _ others: [Int32], _ unit: Int, _ classes: ClassSet, _ exodus: inout Exodus
  ) -> Int {
    var sum = 0
    var left: [Int: Int] = [:]
    let order = others.map { (loss: unit - classes.unit[Int(classes.classOf[Int($0)])], combination: $0) }
      .sorted { $0.loss != $1.loss ? $0.loss < $1.loss : $0.combination < $1.combination }
    for (loss, combination) in order {
      if sum >= needed { break }
      let number = Int(classes.classOf[Int(combination)])
      let people = model.people[Int(combination)]
      let rest = (left[number] ?? classes.people[number]) - people
      guard rest >= k, !exodus.donors.contains(number) || left[number] != nil else { continue }
      exodus.gain -= loss * model.records[Int(combination)]
      if exodus.gain <= 0 { return 0 }
      left[number] = rest
      exodus.donors.insert(number)
      exodus.taken.append(combination)
      sum += people
    }
    return sum
  }

  /// Does it, and undoes it unless the classes together lose less.
  private func perform(_ exodus: Exodus, in classes: inout ClassSet) -> Int {
    let changed = exodus.donors.union(exodus.moved.map(\.target)).sorted()
    let before = changed.reduce(0) { $0 + classes.cost($1) }
    let old = changed.map { classes.members[$0] }
    let gone = Set(exodus.taken).union(exodus.moved.map(\.combination))
    for number in changed where exodus.donors.contains(number) {
      classes.replace(number, with: classes.members[number].filter { !gone.contains($0) })
    }
    for (combination, target) in exodus.moved { classes.insert(combination, into: target) }
    let founded = classes.append(exodus.taken)
    let after = changed.reduce(classes.cost(founded)) { $0 + classes.cost($1) }
    if after < before { return before - after }
    for (number, members) in zip(changed, old) { classes.replace(number, with: members) }
    classes.truncate(to: founded)
    return 0
  }
}
