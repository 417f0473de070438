/// Improves classes by opening and closing boxes, at first even if that adds a little loss: simulated annealing
/// (Kirkpatrick, Gelatt, Vecchi 1983) of a facility location problem in which every facility must serve k people or
/// more.
///
/// A new box takes every combination inside it that loses more elsewhere. If too few people then remain in a box they
/// leave, the rest of it either moves to other open boxes, or it holds some of them back, whichever costs less. If the
/// new box has too few people, it takes other combinations that lose a little by it. The other
/// searches cannot improve such classes any more, because each improvement first needs a step that adds loss.
///
/// In most tries, a box is replaced by a neighbour in one step. Opening one box and then closing the other would go
/// through sets with too few people for all their boxes. The larger k is, the more such a set costs, and the more
/// rarely it is accepted.
struct BoxAnnealer {
  /// With more combinations, the rows of bits would take too much memory, because they grow with the square.
  static let most = 40_000

  private let before: ClassSet
  private let model: LocalModel
  private let k: Int
  private var state: BoxSet
  private var random: SplitMix64
  /// The average loss that a change may add, in units.
  private var temperature = 0.0
  private var inside: [Int32] = []
  private var steps: [UInt8]
  /// The last step of each column.
  private let tops: [UInt8]
  /// The combinations that leave, by box; `marks` says which combinations leave in this round.
  private var leavers: [[Int32]] = []
  private var leaverOf: [Int32] = []
  private var marks: [Int]
  private var round = 0
  /// The change that is being evaluated, and the largest cost that is tolerated.
  private var change = Change()
  private var tolerated = 0
  private var conditions: [BoxIndex.Condition] = []

  init(_ classes: ClassSet) {
    before = classes
    model = classes.model
    k = classes.k
    state = BoxSet(model, classes: classes.members)
    random = SplitMix64(state: UInt64(model.count))
    steps = Array(repeating: 0, count: model.width)
    tops = model.columns.map { UInt8(clamping: $0.levels.count - 1) }
    marks = Array(repeating: 0, count: model.count)
  }

  /// Returns the classes after the given amount of work, counted in the words and combinations that were read. They are
  /// never worse than before.
  mutating func run(work allowed: Int) -> ClassSet {
    let start = 0.08 * Double(k) * Double(before.total) / Double(max(1, model.records.reduce(0, +)))
    guard start > 0, state.boxes.count > 1 else { return before }
    var work = 0
    var tries = 0
    state.tidy(k: k)
    while work < allowed {
      // The temperature falls from the first one to a tenth of it, in 64 equal ratios.
      if tries % 512 == 0 { temperature = start * power(0.1, Double(work) / Double(allowed)) }
      if tries % 8192 == 8191 { state.tidy(k: k) }
      tries += 1
      let member = Int32(random.next() % UInt64(model.count))
      work += state.searchCost / 8 + 16
      switch random.next() % 16 {
      case 0: work += close(Int(state.boxOf[Int(member)]))
      case 1..<11:
        let old = Int(state.boxOf[Int(member)])
        if let key = neighbour(member, old) { work += open(member, key, replacing: old) }
      default:
        if let key = propose(member) { work += open(member, key, replacing: nil) }
      }
    }
    state.tidy(k: k)
    let found = ClassSet(model, k: k, classes: state.classes)
    return found.total < before.total ? found : before
  }

  /// Sets `steps` to a finer box around a combination, near one that is open. Returns nil if the box is already open,
  /// or loses no less.
  private mutating func propose(_ member: Int32) -> UInt64? {
    let bits = random.next()
    let origin = bits & 3 == 0 ? state.around(member, bits >> 16) : Int(state.boxOf[Int(member)])
    for (column, step) in state.steps(origin).enumerated() { steps[column] = step }
    for _ in 0..<((bits >> 2) % 3 == 0 ? 2 : 1) where lower() == nil { return nil }
    for _ in 0..<(bits >> 8) % 3 {
      let column = Int(random.next() % UInt64(model.width))
      if steps[column] < tops[column] { steps[column] += 1 }
    }
    let key = state.key(member, at: steps)
    return Int(key & LocalModel.lossMask) < state.unit(of: member) && !state.isOpen(key) ? key : nil
  }

  /// Sets `steps` to a box around a combination that differs from its own box by few steps. Returns nil if the box is
  /// already open.
  private mutating func neighbour(_ member: Int32, _ own: Int) -> UInt64? {
    for (column, step) in state.steps(own).enumerated() { steps[column] = step }
    let bits = random.next() % 8
    let (ups, downs) = bits == 0 ? (2, 1) : bits == 1 ? (1, 2) : bits < 5 ? (1, 0) : (0, 1)
    var lowered = -1
    for _ in 0..<downs {
      guard let column = lower() else { return nil }
      lowered = column
    }
    for _ in 0..<ups where !raise(but: lowered) { return nil }
    let key = state.key(member, at: steps)
    return state.isOpen(key) ? nil : key
  }

  /// Makes the box one step finer in a random column, and returns the column; nil if none is found after a few tries.
  private mutating func lower() -> Int? {
    for _ in 0..<20 {
      let column = Int(random.next() % UInt64(model.width))
      if steps[column] > 0 {
        steps[column] -= 1
        return column
      }
    }
    return nil
  }

  /// Makes the box one step coarser in a random column other than `lowered`. Returns false if none is found after a few
  /// tries.
  private mutating func raise(but lowered: Int) -> Bool {
    for _ in 0..<20 {
      let column = Int(random.next() % UInt64(model.width))
      if column != lowered, steps[column] < tops[column] {
        steps[column] += 1
        return true
      }
    }
    return false
  }

  /// Returns the largest cost of a change that is accepted: 0 or, with probability exp(-cost/temperature), more.
  private mutating func tolerance() -> Int {
    // The negative logarithm of a random number, linear between powers of two, so that it is the same on every machine.
    let bits = random.next() | 1
    let zeros = bits.leadingZeroBitCount
    let rest = Double(bits << UInt64(zeros)) * 0x1p-64
    let logarithm = Double(zeros) + 2 * (1 - rest)
    return Int(temperature * 0.6931 * logarithm)
  }

  /// Closes a box, if that is accepted. Returns the work that was done.
  private mutating func close(_ box: Int) -> Int {
    let unit = state.boxes[box].unit
    if unit == 0 { return 0 }
    change.clear()
    tolerated = tolerance()
    let members = state.boxes[box].members
    for member in members {
      guard let target = state.best(for: member, but: box) else { return 4 * members.count }
      change.cost += model.records[Int(member)] * (state.boxes[target].unit - unit)
      if change.cost > tolerated { return 4 * members.count }
      change.moves.append((member, target))
    }
    for (combination, target) in change.moves { state.put(combination, into: target) }
    state.close(box)
    return state.searchCost + 8 * members.count
  }

  /// The effects of opening a box.
  private struct Change {
    var cost = 0
    var people = 0
    /// The people inside the new box who would lose less elsewhere.
    var spare = 0
    var founders: [Int32] = []
    var lenders: [(loss: Int, combination: Int32)] = []
    var moves: [(combination: Int32, target: Int)] = []
    var closed: [Int] = []

    mutating func clear() {
      (cost, people, spare) = (0, 0, 0)
      founders.removeAll(keepingCapacity: true)
      lenders.removeAll(keepingCapacity: true)
      moves.removeAll(keepingCapacity: true)
      closed.removeAll(keepingCapacity: true)
    }
  }

  /// Opens the box of a combination at the proposed steps, if that is accepted; if `old` is given, that box is closed.
  /// Returns the work that was done.
  private mutating func open(_ anchor: Int32, _ key: UInt64, replacing old: Int?) -> Int {
    let unit = Int(key & LocalModel.lossMask)
    change.clear()
    round += 1
    tolerated = tolerance()
    defer { for box in change.closed { state.mark(box, closes: false) } }
    var looked = 0
    if let old {
      looked = 4 * state.boxes[old].members.count
      guard vacate(old, anchor: anchor, unit: unit) else { return looked }
    }
    state.find(anchor, at: steps, into: &inside)
    looked += state.searchCost + inside.count
    var people = 0
    var gain = 0
    for member in inside {
      let gained = state.unit(of: member) - unit
      if gained > 0, marks[Int(member)] != round {
        people += model.people[Int(member)]
        gain += gained * model.records[Int(member)]
      }
    }
    if people + change.people + change.spare < k - k / 3 || change.cost - gain > tolerated { return looked }
    looked += 3 * inside.count
    if people > 0 { weigh(unit) }
    if change.people == 0 || change.cost > tolerated { return looked }
    if change.people < k { borrow(unit) }
    guard change.people >= k, redirect(), change.cost <= tolerated else { return looked }
    let box = state.open(anchor, at: steps, key: key)
    for (combination, target) in change.moves { state.put(combination, into: target) }
    for founder in change.founders { state.put(founder, into: box) }
    for closed in change.closed { state.close(closed) }
    return looked + 4 * inside.count
  }

  /// Moves everything in a box to other boxes. A combination that is also inside the new box, and would not lose less
  /// elsewhere, becomes a founder of the new box. Returns false if a combination has no other box.
  private mutating func vacate(_ old: Int, anchor: Int32, unit: Int) -> Bool {
    state.mark(old, closes: true)
    change.closed.append(old)
    state.conditions(anchor, at: steps, within: old, into: &conditions)
    let before = state.boxes[old].unit
    for member in state.boxes[old].members {
      let own = Int(member)
      marks[own] = round
      let isInside = state.meets(conditions, member)
      let target = state.best(for: member)
      let elsewhere = target.map { state.boxes[$0].unit } ?? Int.max
      if isInside, elsewhere >= unit {
        change.cost += model.records[own] * (unit - before)
        change.people += model.people[own]
        change.founders.append(member)
        continue
      }
      guard let target else { return false }
      change.cost += model.records[own] * (elsewhere - before)
      change.moves.append((member, target))
      if isInside {
        change.spare += model.people[own]
        change.lenders.append((unit - elsewhere, member))
      }
    }
    return true
  }

  /// Computes which combinations would come, and what happens to the boxes that they leave.
  private mutating func weigh(_ unit: Int) {
    var donors: [Int] = []
    if leaverOf.count < state.boxes.count {
      leaverOf = Array(repeating: -1, count: 2 * state.boxes.count)
    }
    for member in inside where state.unit(of: member) > unit && marks[Int(member)] != round {
      let donor = Int(state.boxOf[Int(member)])
      if leaverOf[donor] < 0 {
        leaverOf[donor] = Int32(donors.count)
        if leavers.count == donors.count { leavers.append([]) }
        leavers[donors.count].removeAll(keepingCapacity: true)
        donors.append(donor)
      }
      leavers[Int(leaverOf[donor])].append(member)
      marks[Int(member)] = round
    }
    for donor in donors { leaverOf[donor] = -1 }
    for (number, donor) in donors.enumerated() { leave(donor, number: number, unit: unit) }
  }

  private mutating func leave(_ donor: Int, number: Int, unit: Int) {
    let saved = state.boxes[donor].unit - unit
    var rest = state.boxes[donor].people - leavers[number].reduce(0) { $0 + model.people[Int($1)] }
    if rest < k {
      state.mark(donor, closes: true)
      if closes(donor, atMost: (k - rest) * saved) {
        change.closed.append(donor)
      } else {
        state.mark(donor, closes: false)
        // The largest combinations are held back first, so that as few as possible must stay.
        leavers[number].sort { (model.people[Int($0)], $1) > (model.people[Int($1)], $0) }
        while rest < k, let held = leavers[number].popLast() { rest += model.people[Int(held)] }
      }
    }
    for leaver in leavers[number] {
      change.cost -= model.records[Int(leaver)] * saved
      change.people += model.people[Int(leaver)]
      change.founders.append(leaver)
    }
  }

  /// Moves the combinations that do not leave a box to other boxes, if that costs at most `most`.
  private mutating func closes(_ donor: Int, atMost most: Int) -> Bool {
    let count = change.moves.count
    let unit = state.boxes[donor].unit
    var cost = 0
    for member in state.boxes[donor].members where marks[Int(member)] != round {
      if let target = state.best(for: member) {
        cost += model.records[Int(member)] * (state.boxes[target].unit - unit)
        change.moves.append((member, target))
      } else {
        cost = .max
      }
      if cost > most {
        change.moves.removeLast(change.moves.count - count)
        return false
      }
    }
    change.cost += cost
    return true
  }

  /// Takes the combinations that lose least by it, and that their boxes can spare, until there are k people.
  private mutating func borrow(_ unit: Int) {
    for member in inside where marks[Int(member)] != round {
      let own = Int(state.boxOf[Int(member)])
      if !state.closes(own), state.boxes[own].people - model.people[Int(member)] >= k {
        change.lenders.append((unit - state.boxes[own].unit, member))
      }
    }
    change.lenders.sort { $0.loss != $1.loss ? $0.loss < $1.loss : $0.combination < $1.combination }
    var left: [Int: Int] = [:]
    for (loss, combination) in change.lenders {
      if change.people >= k || change.cost + loss * (k - change.people) > tolerated { return }
      let people = model.people[Int(combination)]
      if marks[Int(combination)] == round {
        // The combination was to move out of the box that is replaced.
        guard let place = change.moves.firstIndex(where: { $0.combination == combination }) else { continue }
        change.moves.swapAt(place, change.moves.count - 1)
        change.moves.removeLast()
      } else {
        let box = Int(state.boxOf[Int(combination)])
        let rest = (left[box] ?? state.boxes[box].people) - people
        guard rest >= k else { continue }
        left[box] = rest
      }
      change.cost += loss * model.records[Int(combination)]
      change.people += people
      change.founders.append(combination)
    }
  }

  /// Moves each combination whose target also closes to another box. Returns false if no other box is open.
  private mutating func redirect() -> Bool {
    for place in change.moves.indices {
      let (combination, target) = change.moves[place]
      guard state.closes(target) else { continue }
      guard let other = state.best(for: combination) else { return false }
      change.cost += model.records[Int(combination)] * (state.boxes[other].unit - state.boxes[target].unit)
      change.moves[place].target = other
    }
    return true
  }
}

/// Returns `base` to the power of a share from 0 to 1 in steps of 1/64. It uses only products, so the result is the
/// same on every machine.
private func power(_ base: Double, _ share: Double) -> Double {
  var (result, root, left) = (1.0, base, share)
  for _ in 0..<6 {
    root = root.squareRoot()
    left *= 2
    if left >= 1 {
      result *= root
      left -= 1
    }
  }
  return result
}
