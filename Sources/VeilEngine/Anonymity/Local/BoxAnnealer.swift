/// Improves classes by opening and closing boxes, at first also where that loses a little: simulated annealing
/// (Kirkpatrick, Gelatt, Vecchi 1983) of a facility location with k people as the least a facility may serve.
///
/// A new box takes everybody inside it who loses more elsewhere. Who is left behind by them with too few either goes to
/// other open boxes or holds some of them back, whichever costs less; a new box that has too few lets others in who lose
/// a little by it. Classes found in other ways stand still here, where each improvement needs a step back first.
struct BoxAnnealer {
  /// More combinations take too much memory: rows of bits grow with their square.
  static let most = 40_000

  private let before: ClassSet
  private let model: LocalModel
  private let k: Int
  private var state: BoxSet
  private var random: SplitMix64
  /// What a change may cost, on average, in units.
  private var temperature = 0.0
  private var inside: [Int32] = []
  private var steps: [UInt8]
  /// Combinations that leave, by box; `marks` says which combinations do in this round.
  private var leavers: [[Int32]] = []
  private var leaverOf: [Int32] = []
  private var marks: [Int]
  private var round = 0

  init(_ classes: ClassSet) {
    before = classes
    model = classes.model
    k = classes.k
    state = BoxSet(model, classes: classes.members)
    random = SplitMix64(state: UInt64(model.count))
    steps = Array(repeating: 0, count: model.width)
    marks = Array(repeating: 0, count: model.count)
  }

  /// Classes after so much work, counted in words and combinations looked at; never worse than before.
  mutating func run(work allowed: Int) -> ClassSet {
    let start = 0.08 * Double(k) * Double(before.total) / Double(max(1, model.records.reduce(0, +)))
    guard start > 0, state.boxes.count > 1 else { return before }
    var work = 0
    var tries = 0
    state.tidy(k: k)
    while work < allowed {
      // From the first temperature to a tenth of it, in 64 equal ratios.
      if tries % 512 == 0 { temperature = start * power(0.1, Double(work) / Double(allowed)) }
      if tries % 8192 == 8191 { state.tidy(k: k) }
      tries += 1
      let member = Int32(random.next() % UInt64(model.count))
      work += state.searchCost / 8 + 16
      if random.next() % 16 == 0 {
        close(Int(state.boxOf[Int(member)]))
      } else if let key = propose(member) {
        work += state.searchCost + open(member, key)
      }
    }
    state.tidy(k: k)
    let found = ClassSet(model, k: k, classes: state.classes)
    return found.total < before.total ? found : before
  }

  /// A finer box around a combination, near one that is open; nil where it is open, or no better.
  private mutating func propose(_ member: Int32) -> UInt64? {
    let bits = random.next()
    let origin = bits & 3 == 0 ? state.around(member, bits >> 16) : Int(state.boxOf[Int(member)])
    for (column, step) in state.steps(origin).enumerated() { steps[column] = step }
    for _ in 0..<((bits >> 2) % 3 == 0 ? 2 : 1) {
      var column = 0
      var attempts = 0
      repeat {
        column = Int(random.next() % UInt64(model.width))
        attempts += 1
      } while steps[column] == 0 && attempts < 20
      if steps[column] == 0 { return nil }
      steps[column] -= 1
    }
    for _ in 0..<(bits >> 8) % 3 {
      let column = Int(random.next() % UInt64(model.width))
      if Int(steps[column]) + 1 < model.columns[column].levels.count { steps[column] += 1 }
    }
    let key = state.key(member, at: steps)
    return Int(key & LocalModel.lossMask) < state.unit(of: member) && !state.isOpen(key) ? key : nil
  }

  /// Whether a change that costs so much is made: always when it gains, else with probability exp(-cost/temperature).
  private mutating func accepts(_ cost: Int) -> Bool {
    if cost <= 0 { return true }
    // Minus the logarithm of a random number, straight between powers of two: the same on every machine.
    let bits = random.next() | 1
    let zeros = bits.leadingZeroBitCount
    let rest = Double(bits << UInt64(zeros)) * 0x1p-64
    let logarithm = Double(zeros) + 2 * (1 - rest)
    return Double(cost) < temperature * 0.6931 * logarithm
  }

  private mutating func close(_ box: Int) {
    let own = state.boxes[box]
    if own.unit == 0 { return }
    var cost = 0
    var moves: [(combination: Int32, target: Int)] = []
    for member in own.members {
      guard let target = state.best(for: member, but: box) else { return }
      cost += model.records[Int(member)] * (state.boxes[target].unit - own.unit)
      moves.append((member, target))
    }
    guard accepts(cost) else { return }
    for (combination, target) in moves { state.put(combination, into: target) }
    state.close(box)
  }

  /// What opening a box would do.
  private struct Change {
    var cost = 0
    var people = 0
    var founders: [Int32] = []
    var moves: [(combination: Int32, target: Int)] = []
    var closed: [Int] = []
  }

  /// Opens the box of a combination at the proposed steps, if that is accepted; how many combinations were looked at.
  private mutating func open(_ anchor: Int32, _ key: UInt64) -> Int {
    let unit = Int(key & LocalModel.lossMask)
    state.find(anchor, at: steps, into: &inside)
    var people = 0
    for member in inside where state.unit(of: member) > unit { people += model.people[Int(member)] }
    if people < k - k / 3 { return inside.count }
    var change = weigh(unit)
    defer { for box in change.closed { state.mark(box, closes: false) } }
    if change.people > 0, change.people < k { borrow(unit, &change) }
    guard change.people >= k, redirect(&change), accepts(change.cost) else { return 4 * inside.count }
    let box = state.open(anchor, at: steps, key: key)
    for (combination, target) in change.moves { state.put(combination, into: target) }
    for founder in change.founders { state.put(founder, into: box) }
    for closed in change.closed { state.close(closed) }
    return 8 * inside.count
  }

  /// Who would come, and what becomes of the boxes they leave.
  private mutating func weigh(_ unit: Int) -> Change {
    var change = Change()
    round += 1
    var donors: [Int] = []
    if leaverOf.count < state.boxes.count {
      leaverOf = Array(repeating: -1, count: 2 * state.boxes.count)
    }
    for member in inside {
      let donor = Int(state.boxOf[Int(member)])
      guard state.boxes[donor].unit > unit else { continue }
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
    for (number, donor) in donors.enumerated() { leave(donor, number, unit, &change) }
    return change
  }

  private mutating func leave(_ donor: Int, _ number: Int, _ unit: Int, _ change: inout Change) {
    let saved = state.boxes[donor].unit - unit
    var rest = state.boxes[donor].people - leavers[number].reduce(0) { $0 + model.people[Int($1)] }
    if rest < k {
      state.mark(donor, closes: true)
      if closes(donor, atMost: (k - rest) * saved, &change) {
        change.closed.append(donor)
      } else {
        state.mark(donor, closes: false)
        // The largest combinations stay last to leave: the fewest have to hold back.
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

  /// Sends those of a box who do not leave it to others, if that costs no more than `most`.
  private func closes(_ donor: Int, atMost most: Int, _ change: inout Change) -> Bool {
    let count = change.moves.count
    var cost = 0
    for member in state.boxes[donor].members where marks[Int(member)] != round {
      guard cost <= most, let target = state.best(for: member, but: donor) else {
        change.moves.removeLast(change.moves.count - count)
        return false
      }
      cost += model.records[Int(member)] * (state.boxes[target].unit - state.boxes[donor].unit)
      change.moves.append((member, target))
    }
    if cost > most {
      change.moves.removeLast(change.moves.count - count)
      return false
    }
    change.cost += cost
    return true
  }

  /// Takes in those who lose least by it and whose boxes can spare them, until there are k people.
  private func borrow(_ unit: Int, _ change: inout Change) {
    var lenders: [(loss: Int, combination: Int32)] = []
    for member in inside where marks[Int(member)] != round {
      let own = state.boxes[Int(state.boxOf[Int(member)])]
      if !own.closes, own.people - model.people[Int(member)] >= k { lenders.append((unit - own.unit, member)) }
    }
    lenders.sort { $0.loss != $1.loss ? $0.loss < $1.loss : $0.combination < $1.combination }
    var left: [Int: Int] = [:]
    for (loss, combination) in lenders {
      if change.people >= k { return }
      let box = Int(state.boxOf[Int(combination)])
      let people = model.people[Int(combination)]
      let rest = (left[box] ?? state.boxes[box].people) - people
      guard rest >= k else { continue }
      left[box] = rest
      change.cost += loss * model.records[Int(combination)]
      change.people += people
      change.founders.append(combination)
    }
  }

  /// Whoever was to move to a box that closes, too, moves elsewhere. False where nothing else is open.
  private func redirect(_ change: inout Change) -> Bool {
    for place in change.moves.indices {
      let (combination, target) = change.moves[place]
      guard state.boxes[target].closes else { continue }
      guard let other = state.best(for: combination, but: target) else { return false }
      change.cost += model.records[Int(combination)] * (state.boxes[other].unit - state.boxes[target].unit)
      change.moves[place].target = other
    }
    return true
  }
}

/// `base` to the power of a share from 0 to 1 in steps of 1/64: products only, so the same on every machine.
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
