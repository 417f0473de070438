/// Improves classes by changing few of them at a time: a combination moves, two combinations change places, or a small
/// class is dissolved. Every step lowers the loss and leaves no class below k.
struct Refiner {
  private(set) var classes: ClassSet
  let near: Neighbours
  private var model: LocalModel { classes.model }
  private var k: Int { classes.k }

  /// Members of larger classes are not exchanged one by one: it takes long and gains little.
  private static let exchangeable = 12

  init(_ classes: ClassSet, near: Neighbours) {
    self.classes = classes
    self.near = near
  }

  /// Tries to improve every combination once; returns the gain in units.
  mutating func improveAll() -> Int {
    (0..<Int32(model.count)).reduce(0) { $0 + improve($1) }
  }

  private enum Step {
    case move(Int)
    case exchange(Int32)
  }

  private func candidates(_ combination: Int32) -> [Int] {
    var found: [Int] = []
    let own = Int(classes.classOf[Int(combination)])
    for other in near.of(combination) {
      let number = Int(classes.classOf[Int(other)])
      if number != own && !found.contains(number) { found.append(number) }
    }
    return found
  }

  private mutating func improve(_ combination: Int32) -> Int {
    let own = Int(classes.classOf[Int(combination)])
    let others = candidates(combination)
    if others.isEmpty { return 0 }
    let isAlone = classes.members[own].count == 1
    let weight = model.people[Int(combination)]
    let records = model.records[Int(combination)]
    let rest = classes.people[own] - weight
    let restRecords = classes.records[own] - records
    let isFree = isAlone || rest >= k
    var best = 0
    var step: Step?

    if isFree {
      let left = isAlone ? 0 : classes.unit(own, without: combination) * restRecords
      let relief = classes.cost(own) - left
      for other in others where classes.unit[other] * records < relief {
        let gain = relief - classes.increase(other, adding: combination)
        if gain > best { (best, step) = (gain, .move(other)) }
      }
    }
    if !isAlone, classes.members[own].count <= Self.exchangeable {
      for other in others where classes.members[other].count <= Self.exchangeable {
        for partner in classes.members[other] {
          let change = model.people[Int(partner)] - weight
          guard classes.people[own] + change >= k, classes.people[other] - change >= k else { continue }
          let recordChange = model.records[Int(partner)] - records
          let both = classes.cost(own) + classes.cost(other)
          let here = classes.unit(own, without: combination, adding: partner) * (classes.records[own] + recordChange)
          if both - here <= best { continue }
          let there =
            classes.unit(other, without: partner, adding: combination) * (classes.records[other] - recordChange)
          if both - here - there > best { (best, step) = (both - here - there, .exchange(partner)) }
        }
      }
    }
    if !isFree, let gain = dissolve(own, above: best) { return gain }
    switch step {
    case nil: return 0
    case .move(let other): classes.move(combination, to: other)
    case .exchange(let partner):
      let other = Int(classes.classOf[Int(partner)])
      let here = classes.members[own].filter { $0 != combination } + [partner]
      let there = classes.members[other].filter { $0 != partner } + [combination]
      classes.replace(own, with: here)
      classes.replace(other, with: there)
    }
    return best
  }

  /// Moves each member of a class to a different other class, if that gains more than `least`.
  private mutating func dissolve(_ number: Int, above least: Int) -> Int? {
    guard classes.members[number].count <= Self.exchangeable else { return nil }
    var gain = classes.cost(number)
    var targets: [(Int32, Int)] = []
    for member in classes.members[number] {
      var best: (increase: Int, target: Int)?
      for other in candidates(member) where !targets.contains(where: { $0.1 == other }) {
        let increase = classes.increase(other, adding: member)
        if best.map({ increase < $0.increase }) ?? true { best = (increase, other) }
      }
      guard let best else { return nil }
      gain -= best.increase
      if gain <= least { return nil }
      targets.append((member, best.target))
    }
    classes.replace(number, with: [])
    for (member, target) in targets { classes.insert(member, into: target) }
    return gain
  }

  /// Dissolves a class and the classes nearest to it, and builds them again at another price. Returns the gain.
  mutating func rebuild(
    around number: Int, nearest most: Int, atMost size: Int, builder: inout ClassBuilder,
    options: ClassBuilder.Options
  ) -> Int {
    var joined: [(unit: Int, number: Int)] = []
    for other in neighbourhood(of: number) where other != number && !classes.members[other].isEmpty {
      let unit = classes.unit(number, joining: other)
      if joined.count == most, let last = joined.last, last.unit <= unit { continue }
      joined.insert((unit, other), at: joined.firstIndex { $0.unit > unit } ?? joined.count)
      if joined.count > most { joined.removeLast() }
    }
    var numbers = [number]
    var items = classes.members[number]
    for (_, other) in joined where items.count + classes.members[other].count <= size {
      numbers.append(other)
      items += classes.members[other]
    }
    guard numbers.count > 1 else { return 0 }
    items.sort()
    let before = numbers.reduce(0) { $0 + classes.cost($1) }
    let built = builder.build(items, options)
    guard !built.classes.isEmpty else { return 0 }
    let old = numbers.map { classes.members[$0] }
    let count = classes.count
    install(built.classes, numbers)
    let new = Array(numbers.prefix(built.classes.count)) + Array(count..<classes.count)
    for combination in built.rest {
      let best = new.min { classes.increase($0, adding: combination) < classes.increase($1, adding: combination) }
      if let best { classes.insert(combination, into: best) }
    }
    let after = new.reduce(0) { $0 + classes.cost($1) }
    if after < before { return before - after }
    classes.truncate(to: count)
    install(old, numbers)
    return 0
  }

  /// Returns all classes; if there are many, only those of the members' neighbours.
  private func neighbourhood(of number: Int) -> [Int] {
    if classes.count <= 600 { return Array(0..<classes.count) }
    var found: Set<Int> = []
    for member in classes.members[number] {
      for other in near.of(member) { found.insert(Int(classes.classOf[Int(other)])) }
    }
    return found.sorted()
  }

  private mutating func install(_ new: [[Int32]], _ numbers: [Int]) {
    for (place, members) in new.enumerated() {
      if place < numbers.count { classes.replace(numbers[place], with: members) } else { _ = classes.append(members) }
    }
    for number in numbers.dropFirst(new.count) { classes.replace(number, with: []) }
  }
}
