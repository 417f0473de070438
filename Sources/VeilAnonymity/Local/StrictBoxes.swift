import Glibc

/// Disjoint boxes that all meet the conditions, while they are being cut.
struct StrictBoxes {
  private(set) var classes: [[Int32]] = []
  /// The lowest levels that a class's labels may have, if the class was in the previous release.
  private(set) var floors: [[UInt8]] = []
  /// The people in classes that were in the previous release.
  private(set) var kept = 0
  private(set) var suppressed: [Int32] = []
  /// The loss of all records, in the model's units.
  private(set) var cost = 0
  private let model: LocalModel
  private let k: Int
  private let criteria: ClassCriteria
  private var counter: BoxCounter
  private var open: [StrictBox] = []
  private var left: Int
  /// Over all classes: their number, their people, and the sum of people / people of the population in the class.
  private var classCount = 0
  private var people = 0
  private var alike = 0.0

  private struct StrictBox {
    var members: [Int32]
    var counts: BoxCounter.Counts
    /// The finest step of each column at which all members are in one group.
    var steps: [Int]
    var cost: Int
    /// The classes of the previous release within the box that are to stay.
    var pins: [Pin] = []
  }

  /// A class of the previous release that still holds.
  private struct Pin {
    let region: Region
    let levels: [UInt8]
    let members: [Int32]
    let people: Int
  }

  /// Returns nil if a class does not meet the conditions, or if too many records are in no class.
  init?(
    _ table: QuasiTable, _ model: LocalModel, k: Int, limit: Int, criteria: ClassCriteria, start: [[Int32]]
  ) {
    (self.model, self.k, self.criteria, left) = (model, k, criteria, limit)
    counter = BoxCounter(table)
    var isInside = [Bool](repeating: false, count: model.count)
    for members in start {
      let box = box(members)
      guard holds(box) else { return nil }
      for member in members { isInside[Int(member)] = true }
      open.append(box)
      count(box, 1)
      cost += box.cost
    }
    for combination in 0..<Int32(model.count) where !isInside[Int(combination)] {
      suppress([combination])
    }
    guard left >= 0, !open.isEmpty, keepsMeans, !tellsOfAbsence || isInside.allSatisfy({ $0 }) else { return nil }
  }

  /// Whether the conditions forbid that a person of the population is known to be in no class.
  private var tellsOfAbsence: Bool { criteria.presence.map { $0.lowerBound > 0 } ?? false }

  private mutating func box(_ members: [Int32]) -> StrictBox {
    let counts = counter.counts(members)
    let steps = model.steps(of: members)
    return StrictBox(members: members, counts: counts, steps: steps, cost: unit(members[0], steps) * counts.records)
  }

  private func group(of member: Int32, column: Int, step: Int) -> UInt32 {
    model.columns[column].groups[step][Int(model.places[Int(member) &* model.width &+ column])]
  }

  private func unit(_ member: Int32, _ steps: [Int]) -> Int {
    steps.indices.reduce(0) { sum, column in
      let place = model.places[Int(member) &* model.width &+ column]
      return sum + Int(model.columns[column].losses[steps[column]][Int(place)])
    }
  }

  private func holds(_ box: StrictBox) -> Bool {
    box.counts.people >= k && criteria.fits(box.counts.people, of: box.counts.population)
      && criteria.items.allSatisfy {
        $0.criterion.holds(box.counts.view($0.column))
      }
  }

  // MARK: Conditions on all classes together

  private mutating func count(_ box: StrictBox, _ sign: Int) {
    classCount += sign
    people += sign * box.counts.people
    alike += Double(sign * box.counts.people) / Double(max(1, box.counts.population))
  }

  private var keepsMeans: Bool {
    if let risk = criteria.averageRisk, Double(classCount) > (risk + ModelTolerance.value) * Double(people) {
      return false
    }
    if let risk = criteria.marketerRisk, alike > risk * Double(people) { return false }
    return true
  }

  private mutating func suppress(_ members: [Int32]) {
    for member in members where model.records[Int(member)] > 0 {
      suppressed.append(member)
      left -= model.records[Int(member)]
      cost += model.everything * model.records[Int(member)]
    }
  }

  // MARK: The previous release

  /// Marks the classes of the previous release that are to stay: those that hold and do not overlap. They include all
  /// people of the population who fit their labels.
  mutating func keep(_ previous: [PreviousClasses.Class]) {
    let index = RegionIndex(model, (0..<Int32(model.count)).map { $0 })
    var openOf = [Int32](repeating: -1, count: model.count)
    for (number, box) in open.enumerated() {
      for member in box.members { openOf[Int(member)] = Int32(number) }
    }
    var isTaken = [Bool](repeating: false, count: model.count)
    for own in previous where own.members.contains(where: { model.records[Int($0)] > 0 }) {
      let region = Region(model, own)
      let members = index.members(of: region)
      let place = openOf[Int(members[0])]
      guard place >= 0, members.allSatisfy({ !isTaken[Int($0)] && openOf[Int($0)] == place }) else { continue }
      let box = box(members)
      guard holds(box) else { continue }
      for member in members { isTaken[Int(member)] = true }
      open[Int(place)].pins.append(
        Pin(region: region, levels: own.levels, members: members, people: box.counts.people))
    }
  }

  /// Makes the box a class of the previous release, if it is one; the box may hold nobody else.
  private mutating func finish(_ box: StrictBox) -> Bool {
    guard box.pins.count == 1, box.pins[0].members.count == box.members.count else { return false }
    let pin = box.pins[0]
    classes.append(box.members)
    floors.append(pin.levels)
    kept += pin.people
    let (region, own) = (pin.region, unit(box.members[0], pin.region.steps) * box.counts.records)
    if region.steps != box.steps { cost += own - box.cost }
    return true
  }

  // MARK: Cutting

  mutating func cutAll(_ choice: StrictSearch.Choice) {
    while var box = open.popLast() {
      if finish(box) || cut(box, choice) { continue }
      if !box.pins.isEmpty {
        // No cut is possible around the classes of the previous release, so they are given up here.
        box.pins = []
        open.append(box)
        continue
      }
      classes.append(trimmed(box).members)
      floors.append([UInt8](repeating: 0, count: model.width))
    }
  }

  /// The result of cutting a box: parts that hold, and records that are suppressed.
  private struct Cut {
    var parts: [StrictBox] = []
    var suppressed: [Int32] = []
    var saved = 0
    /// The people in classes of the previous release that the cut divides, and the number of suppressed records.
    var broken = 0
    var lost = 0
    var score = 0.0
  }

  private mutating func cut(_ box: StrictBox, _ choice: StrictSearch.Choice) -> Bool {
    var cuts: [Cut] = []
    let pinned = box.pins.reduce(0) { $0 + $1.people }
    for column in box.steps.indices where box.steps[column] > 0 {
      if let cut = parts(of: box, column: column, choice: choice), pinned == 0 || cut.broken < pinned {
        cuts.append(cut)
      }
    }
    func rank(_ cut: Cut) -> (Int, Int, Double) {
      pinned == 0 ? (0, 0, -cut.score) : (cut.broken, cut.lost, -cut.score)
    }
    // If several cuts are equal, the first one is taken, so that the same table is always cut in the same way.
    cuts = cuts.enumerated().sorted { a, b in
      let (first, second) = (rank(a.element), rank(b.element))
      return first != second ? first < second : a.offset < b.offset
    }.map(\.element)
    let before = (classCount, people, alike)
    for best in cuts {
      count(box, -1)
      for part in best.parts { count(part, 1) }
      guard keepsMeans else {
        (classCount, people, alike) = before
        continue
      }
      cost -= box.cost - best.parts.reduce(0) { $0 + $1.cost }
      suppress(best.suppressed)
      open.append(contentsOf: best.parts)
      return true
    }
    return false
  }

  /// Cuts along one column. Returns nil if a part would not hold and may not be suppressed. Also returns nil if the cut
  /// saves nothing, unless the box holds classes of the previous release.
  private mutating func parts(of box: StrictBox, column: Int, choice: StrictSearch.Choice) -> Cut? {
    let step = box.steps[column] - 1
    var members: [UInt32: [Int32]] = [:]
    for member in box.members { members[group(of: member, column: column, step: step), default: []].append(member) }
    var cut = Cut(saved: box.cost)
    var pins: [UInt32: [Pin]] = [:]
    for pin in box.pins {
      if pin.region.steps[column] <= step {
        pins[group(of: pin.members[0], column: column, step: step), default: []].append(pin)
      } else {
        cut.broken += pin.people
      }
    }
    var bits = 0.0
    for (group, own) in members.sorted(by: { $0.key < $1.key }) {
      var part = self.box(own)
      part.pins = pins[group] ?? []
      if part.counts.records == 0 {
        // These people of the population have no record in the data, so they are in no class.
        if tellsOfAbsence { return nil }
        continue
      }
      let share = Double(part.counts.records) / Double(max(1, box.counts.records))
      bits -= share * log2(share)
      if holds(part) {
        cut.parts.append(part)
        cut.saved -= part.cost
      } else {
        cut.lost += part.counts.records
        if tellsOfAbsence || cut.lost > left || !part.pins.isEmpty { return nil }
        cut.suppressed += own
        cut.saved -= model.everything * part.counts.records
      }
    }
    guard cut.saved > 0 || !box.pins.isEmpty, !cut.parts.isEmpty else { return nil }
    cut.score = choice == .saved ? Double(cut.saved) : Double(cut.saved) / max(bits, 1e-6)
    return cut
  }

  /// Returns the box without the people of the population whom a finer label would leave out, if the smaller box also
  /// holds.
  private mutating func trimmed(_ box: StrictBox) -> StrictBox {
    let own = box.members.filter { model.records[Int($0)] > 0 }
    if tellsOfAbsence || own.count == box.members.count { return box }
    let steps = model.steps(of: own)
    let inside = box.members.filter { member in
      steps.indices.allSatisfy {
        group(of: member, column: $0, step: steps[$0]) == group(of: own[0], column: $0, step: steps[$0])
      }
    }
    let less = self.box(inside)
    guard less.cost < box.cost, holds(less) else { return box }
    let before = (classCount, people, alike)
    count(box, -1)
    count(less, 1)
    guard keepsMeans else {
      (classCount, people, alike) = before
      return box
    }
    cost -= box.cost - less.cost
    return less
  }
}
