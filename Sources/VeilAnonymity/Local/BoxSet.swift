/// The open boxes and the combinations in each: the state of `BoxAnnealer`.
///
/// A box consists of one combination's groups at some step of each column. The loss of a record depends only on its
/// box. So classes can be opened, closed and filled without looking at their other members.
struct BoxSet {
  struct Box {
    var anchor: Int32 = 0
    /// The sum of `LocalModel`'s words for its groups; the low bits are its loss.
    var key: UInt64 = 0
    var unit = 0
    var people = 0
    var members: [Int32] = []
    var isOpen = false
  }

  let model: LocalModel
  private var index: BoxIndex
  private(set) var boxes: [Box] = []
  private(set) var boxOf: [Int32]
  /// The loss of a record of each combination.
  private var losses: [Int32]
  /// The loss of a record in each box; `closed` while a change is evaluated that would close the box.
  private var units: [Int32] = []
  /// The loss of all records, in units.
  private(set) var total = 0
  /// `model.width` steps for each box.
  private var steps: [UInt8] = []
  private var position: [Int32]
  /// For each combination, the open boxes that cover it.
  private var around: ListPool
  private var free: [Int32] = []
  private var byKey: [UInt64: Int32] = [:]
  private var scratch: [Int32] = []

  init(_ model: LocalModel, classes: [[Int32]]) {
    self.model = model
    index = BoxIndex(model)
    boxOf = Array(repeating: -1, count: model.count)
    losses = Array(repeating: 0, count: model.count)
    position = Array(repeating: 0, count: model.count)
    around = ListPool(count: model.count)
    for members in classes { settle(members) }
  }

  var classes: [[Int32]] { boxes.filter { $0.isOpen && !$0.members.isEmpty }.map(\.members) }
  func steps(_ box: Int) -> ArraySlice<UInt8> { steps[box * model.width..<(box + 1) * model.width] }
  func isOpen(_ key: UInt64) -> Bool { byKey[key] != nil }
  func unit(of combination: Int32) -> Int { Int(losses[Int(combination)]) }

  private static let closed = Int32.max

  func key(_ anchor: Int32, at steps: some RandomAccessCollection<UInt8>) -> UInt64 {
    var key: UInt64 = 1 << 63
    for (column, step) in steps.enumerated() { key &+= model.word(column, Int(step), of: Int(anchor)) }
    return key
  }

  /// Finds the combinations in the box of `anchor` at these steps, in ascending order.
  mutating func find(_ anchor: Int32, at steps: [UInt8], into found: inout [Int32]) {
    index.find(anchor, at: steps, into: &found)
  }

  /// The cost of `find`, in words.
  var searchCost: Int { index.cost }

  /// Sets `conditions` to those that tell which members of a box are also inside another box, which is finer in some
  /// columns.
  func conditions(_ anchor: Int32, at steps: [UInt8], within box: Int, into conditions: inout [BoxIndex.Condition]) {
    conditions.removeAll(keepingCapacity: true)
    for (column, step) in steps.enumerated() where step < self.steps[box * model.width + column] {
      conditions.append(index.condition(anchor, column: column, step: Int(step)))
    }
  }

  @inline(__always)
  func meets(_ conditions: [BoxIndex.Condition], _ combination: Int32) -> Bool {
    for condition in conditions where !index.meets(condition, combination) { return false }
    return true
  }

  /// Returns one of the boxes that cover a combination.
  func around(_ combination: Int32, _ number: UInt64) -> Int {
    let places = around.places(Int(combination))
    return Int(around.items[places.lowerBound + Int(number % UInt64(places.count))])
  }

  /// Returns the box with the least loss for a combination, among the boxes that stay open, except `box`.
  func best(for combination: Int32, but box: Int = -1) -> Int? {
    var best = -1
    var least = Self.closed
    for place in around.places(Int(combination)) {
      let other = Int(around.items[place])
      let unit = units[other]
      if unit < least, other != box { (best, least) = (other, unit) }
    }
    return best < 0 ? nil : best
  }

  /// Marks a box as closing while a change is evaluated, or removes the mark.
  mutating func mark(_ box: Int, closes: Bool) { units[box] = closes ? Self.closed : Int32(boxes[box].unit) }
  func closes(_ box: Int) -> Bool { units[box] == Self.closed }

  /// Opens an empty box and returns its number.
  mutating func open(_ anchor: Int32, at steps: some RandomAccessCollection<UInt8>, key: UInt64) -> Int {
    let box: Int
    if let last = free.popLast() {
      box = Int(last)
    } else {
      box = boxes.count
      boxes.append(Box())
      units.append(0)
      self.steps.append(contentsOf: repeatElement(0, count: model.width))
    }
    for (column, step) in steps.enumerated() { self.steps[box * model.width + column] = step }
    boxes[box] = Box(anchor: anchor, key: key, unit: Int(key & LocalModel.lossMask), isOpen: true)
    units[box] = Int32(boxes[box].unit)
    byKey[key] = Int32(box)
    index.find(anchor, at: steps, into: &scratch)
    for combination in scratch { around.append(Int32(box), to: Int(combination)) }
    return box
  }

  /// Closes a box, which must be empty.
  mutating func close(_ box: Int) {
    index.find(boxes[box].anchor, at: steps(box), into: &scratch)
    for combination in scratch { around.remove(Int32(box), from: Int(combination)) }
    byKey[boxes[box].key] = nil
    boxes[box].isOpen = false
    free.append(Int32(box))
  }

  mutating func put(_ combination: Int32, into box: Int) {
    let own = Int(combination)
    let old = Int(boxOf[own])
    if old == box { return }
    if old >= 0 {
      let place = Int(position[own])
      let last = boxes[old].members.removeLast()
      if last != combination {
        boxes[old].members[place] = last
        position[Int(last)] = Int32(place)
      }
      boxes[old].people -= model.people[own]
      total -= model.records[own] * boxes[old].unit
    }
    position[own] = Int32(boxes[box].members.count)
    boxes[box].members.append(combination)
    boxes[box].people += model.people[own]
    boxOf[own] = Int32(box)
    losses[own] = Int32(boxes[box].unit)
    total += model.records[own] * boxes[box].unit
  }

  /// Puts combinations into the smallest box that holds them.
  mutating func settle(_ members: [Int32]) {
    guard let anchor = members.first else { return }
    let least = leastSteps(members)
    let key = key(anchor, at: least)
    let box = byKey[key].map { Int($0) } ?? open(anchor, at: least, key: key)
    for member in members { put(member, into: box) }
  }

  /// Moves each combination to the best open box, and then the rest of each box into the smallest box that holds it.
  /// Closes empty boxes.
  mutating func tidy(k: Int) {
    for combination in 0..<Int32(model.count) {
      let own = Int(boxOf[Int(combination)])
      guard boxes[own].people - model.people[Int(combination)] >= k,
        let best = best(for: combination, but: own), boxes[best].unit < boxes[own].unit
      else { continue }
      put(combination, into: best)
    }
    for box in boxes.indices where boxes[box].isOpen {
      let members = boxes[box].members
      guard let first = members.first else {
        close(box)
        continue
      }
      let least = leastSteps(members)
      if zip(least, steps(box)).contains(where: { $0 < $1 }), !isOpen(key(first, at: least)) {
        settle(members)
        close(box)
      }
    }
  }

  private func leastSteps(_ members: [Int32]) -> [UInt8] { model.steps(of: members).map { UInt8(clamping: $0) } }
}
